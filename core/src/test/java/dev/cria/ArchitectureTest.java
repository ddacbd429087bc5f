package dev.cria;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.cpu.CpuFeatures;
import dev.cria.tensor.cpu.MemoryBandwidth;
import dev.cria.tensor.library.Collectives;
import dev.cria.tensor.library.Libraries;
import dev.cria.tensor.library.SharedStore;
import dev.cria.train.Interruption;
import java.util.List;

/** The house keeps its shape: dependencies point one way, and native code stays in one room. */
@AnalyzeClasses(packages = "dev.cria", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final List<String> ORDER = List.of(
            "cli",
            "api",
            "demo",
            "serve",
            "board",
            "report",
            "study",
            "speedrun",
            "measure",
            "sweep",
            "tune",
            "train",
            "primer",
            "eval",
            "generate",
            "parallel",
            "weights",
            "model",
            "data",
            "optim",
            "nn",
            "tensor",
            "run",
            "page",
            "template",
            "tokenizer",
            "format");

    @ArchTest
    static final ArchRule onlyTensorKnowsLibtorch = noClasses()
            .that()
            .resideOutsideOfPackage("dev.cria.tensor..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");

    /** Of the rooms of tensor others see what measures and describes the machine, and what ranks talk through. */
    @ArchTest
    static final ArchRule kernelsAreBehindTheSurfaceOfTensor = noClasses()
            .that()
            .resideOutsideOfPackage("dev.cria.tensor..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "dev.cria.tensor.cpu",
                            "dev.cria.tensor.cuda",
                            "dev.cria.tensor.reference",
                            "dev.cria.tensor.library")
                    .and(not(belongToAnyOf(
                            CpuFeatures.class,
                            MemoryBandwidth.class,
                            Libraries.class,
                            Collectives.class,
                            SharedStore.class))));

    @ArchTest
    static final ArchRule addressesStayInTensor = noClasses()
            .that()
            .resideOutsideOfPackage("dev.cria.tensor..")
            .should()
            .callMethod(Tensor.class, "address")
            .orShould()
            .callMethod(Tensor.class, "raw")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Matrix.class);

    /** A program that uses the library ends when it wants to, and its signals are its own. */
    @ArchTest
    static final ArchRule nothingButCommandsAndTheirRanksEndsTheProcess = noClasses()
            .that(not(resideInAnyPackage("dev.cria.cli", "dev.cria.parallel"))
                    .and(not(belongToAnyOf(Interruption.class))))
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class)
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("sun.misc.Signal")
            .orShould()
            .accessField(System.class, "out");

    @ArchTest
    static final ArchRule packagesAreFreeOfCircles =
            slices().matching("dev.cria.(*)..").should().beFreeOfCycles();

    /** A package depends on none that stands before it here; docs/architecture.md draws it. */
    @ArchTest
    static void dependenciesPointOneWay(JavaClasses classes) {
        List<String> wrong = new PackageGraph(classes)
                .arrows()
                .filter(arrow -> ORDER.indexOf(arrow.from()) >= ORDER.indexOf(arrow.to()))
                .map(PackageGraph.Arrow::toString)
                .toList();
        assertThat(wrong).isEmpty();
    }

    @ArchTest
    static void everyPackageHasAPlace(JavaClasses classes) {
        assertThat(new PackageGraph(classes).packages()).containsExactlyInAnyOrderElementsOf(ORDER);
    }

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
