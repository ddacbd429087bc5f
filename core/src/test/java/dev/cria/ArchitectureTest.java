package dev.cria;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The house keeps its shape: dependencies point one way, and native code stays in one room. */
@AnalyzeClasses(packages = "dev.cria", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

    @ArchTest
    static final ArchRule onlyTensorKnowsLibtorch = noClasses()
            .that()
            .resideOutsideOfPackage("dev.cria.tensor")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule packagesAreFreeOfCircles =
            slices().matching("dev.cria.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule dependenciesPointOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("dev.cria..")
            .withOptionalLayers(true)
            .layer("cli")
            .definedBy("dev.cria.cli..")
            .layer("demo")
            .definedBy("dev.cria.demo..")
            .layer("stages")
            .definedBy(
                    "dev.cria.report..", "dev.cria.tune..", "dev.cria.eval..", "dev.cria.train..", "dev.cria.primer..")
            .layer("parts")
            .definedBy("dev.cria.generate..", "dev.cria.parallel..", "dev.cria.model..", "dev.cria.data..")
            .layer("nn")
            .definedBy("dev.cria.nn..")
            .layer("tensor")
            .definedBy("dev.cria.tensor..")
            .layer("ground")
            .definedBy("dev.cria", "dev.cria.format..", "dev.cria.tokenizer..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("stages")
            .mayOnlyBeAccessedByLayers("demo", "cli")
            .whereLayer("demo")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("parts")
            .mayOnlyBeAccessedByLayers("stages", "demo", "cli")
            .whereLayer("nn")
            .mayOnlyBeAccessedByLayers("parts", "stages", "demo", "cli")
            .whereLayer("tensor")
            .mayOnlyBeAccessedByLayers("nn", "parts", "stages", "demo", "cli")
            .whereLayer("ground")
            .mayOnlyAccessLayers("ground");

    @ArchTest
    static final ArchRule namesSayWhatAClassIs = noClasses()
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Impl");

    @ArchTest
    static final ArchRule commandsAreNotUsedByOtherPackages = classes()
            .that()
            .resideInAPackage("dev.cria.cli..")
            .should()
            .onlyBeAccessed()
            .byAnyPackage("dev.cria.cli..");
}
