package dev.cria.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code cria doctor}: whether this machine is ready. */
@Command(
        name = "doctor",
        description = {
            "Checks whether Cria works on this machine and says what to do about each problem.",
            "Looks at JDK, processor, native libraries, GPU, memory, disk and limits. The exit code is 0 if Cria works,"
                    + " 1 if it does not."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  ./cria doctor"})
final class DoctorCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        List<Check> checks = Doctor.examine();
        checks.forEach(check -> System.out.print(check.toText()));
        boolean broken = checks.stream().anyMatch(check -> check.state() == Check.State.BROKEN);
        System.out.println(broken ? "Cria does not work here yet" : "Cria works here");
        return broken ? Main.WORK_FAILED : 0;
    }
}
