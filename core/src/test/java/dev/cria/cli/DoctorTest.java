package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.cli.Check.State;
import dev.cria.cli.Machine.Gpu;
import dev.cria.tensor.cpu.CpuFeatures;
import dev.cria.tensor.library.Libraries.Cuda;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    private static final Gpu CARD = new Gpu("Some Card", 80e9, 79e9, "580.1");

    private static final Set<String> AVX512 = Set.of("avx512f", "avx512bw", "avx512dq", "avx512vl");
    private static final Set<String> WITH_BF16 = Set.of("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_bf16");

    @TempDir
    private Path folder;

    @Test
    void innermostMountDecidesWhetherProgramsMayRun() {
        List<String> mounts = List.of(
                "/dev/a / ext4 rw,relatime 0 0",
                "tmpfs /tmp tmpfs rw,nosuid,noexec 0 0",
                "/dev/b /tmp/with\\040space ext4 rw 0 0");

        assertThat(Doctor.isNoexec(Path.of("/home"), mounts)).isFalse();
        assertThat(Doctor.isNoexec(Path.of("/tmp/x"), mounts)).isTrue();
        assertThat(Doctor.isNoexec(Path.of("/tmpfile"), mounts)).isFalse();
        assertThat(Doctor.isNoexec(Path.of("/tmp/with space/y"), mounts)).isFalse();
    }

    @Test
    void oldJdkIsBroken() {
        assertThat(Doctor.jdk(24).state()).isEqualTo(State.BROKEN);
        assertThat(Doctor.jdk(25).state()).isEqualTo(State.GOOD);
    }

    @Test
    void cardThatLibtorchCannotUseComesWithWhatToBuild() {
        assertThat(Doctor.gpu(List.of(), 0).state()).isEqualTo(State.GOOD);
        assertThat(Doctor.gpu(List.of(CARD), 1).finding())
                .contains("1 × Some Card, 80.0 GB")
                .contains("uses 1");
        Gpu old = new Gpu("Some Card", 80e9, 79e9, "550.54.14");
        assertThat(Doctor.gpu(List.of(old), 0).remedy()).isEqualTo("install driver 580 or newer");
        Cuda without = new Cuda(List.of(), List.of("libcublas.so.13"), "python3 -m pip install nvidia-cublas");
        assertThat(Doctor.cuda(List.of(CARD), false, without, Optional::empty))
                .containsExactly(Check.lacking(
                        "CUDA",
                        "this libtorch is built for CPUs only",
                        "python3 -m pip install nvidia-cublas; then CRIA_CUDA=1 ./cria doctor"));
    }

    @Test
    void librariesOfCudaThatAreNowhereAreNamedWithWhatBringsThem() {
        Cuda without = new Cuda(List.of(), List.of("libcublas.so.13"), "python3 -m pip install nvidia-cublas");
        Cuda all = new Cuda(List.of(Path.of("/usr/local/cuda/lib64")), List.of(), "");
        assertThat(Doctor.cuda(List.of(CARD), true, without, Optional::empty))
                .containsExactly(Check.lacking(
                        "CUDA libraries", "no GPU can be used without libcublas.so.13", without.remedy()));
        assertThat(Doctor.cuda(List.of(CARD), true, all, Optional::empty))
                .containsExactly(Check.good("CUDA libraries", "/usr/local/cuda/lib64"));
        assertThat(Doctor.cuda(List.of(CARD), true, all, () -> Optional.of("NVRTC fails")))
                .contains(Check.lacking("CUDA kernels", "NVRTC fails", "--set kernels=reference, or --device cpu"));
        assertThat(Doctor.cuda(List.of(), false, without, Optional::empty)).isEmpty();
    }

    @Test
    void processorWithoutWideVectorsIsSlowButWorks() {
        assertThat(Doctor.processor(new CpuFeatures("Old", 2, Set.of("avx2"))).state())
                .isEqualTo(State.LACKING);
        assertThat(Doctor.processor(new CpuFeatures("Wide", 2, AVX512)).finding())
                .endsWith("trains in fp32, bf16 would be slower");
        assertThat(Doctor.processor(new CpuFeatures("New", 2, WITH_BF16)).finding())
                .endsWith("trains in bf16");
    }

    @Test
    void tooFewFileHandlesComeWithTheCommandThatRaisesThem() {
        assertThat(Doctor.handles(OptionalLong.of(1024)))
                .isEqualTo(Check.lacking("file handles", "1,024", "ulimit -n 4096"));
        assertThat(Doctor.handles(OptionalLong.of(4096)).state()).isEqualTo(State.GOOD);
        assertThat(Doctor.handles(OptionalLong.empty()).state()).isEqualTo(State.GOOD);
    }

    @Test
    void temporaryFilesNeedAFolderThatCanBeWritten() {
        assertThat(Doctor.temporary(Path.of("/proc/none")).remedy())
                .isEqualTo("CRIA_JAVA_OPTS=-Djava.io.tmpdir=/some/folder");
        assertThat(Doctor.temporary(folder).state()).isNotEqualTo(State.BROKEN);
    }

    @Test
    void cacheThatCannotBeWrittenIsBroken() {
        assertThat(Doctor.cache(Path.of("/proc/cria")).state()).isEqualTo(State.BROKEN);
    }

    @Test
    void driversLineIsReadAndNonsenseIsNot() {
        assertThat(Machine.gpu("NVIDIA H200, 143771, 143000, 580.65.06"))
                .contains(new Gpu("NVIDIA H200", 143771.0 * (1 << 20), 143000.0 * (1 << 20), "580.65.06"));
        assertThat(Machine.gpu("No devices were found")).isEmpty();
        assertThat(Machine.gpu("NVIDIA X, [N/A], [N/A], 1")).isEmpty();
    }

    @Test
    void thisMachineRunsTheTestsSoNothingIsBroken() {
        assertThat(Doctor.examine()).noneMatch(check -> check.state() == State.BROKEN);
    }
}
