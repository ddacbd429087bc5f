package dev.cria.tensor.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CudaLibrariesTest {

    @Test
    void theFirstFolderThatHasALibraryWins(@TempDir Path folder) throws IOException {
        Path first = Files.createDirectory(folder.resolve("first"));
        Path second = Files.createDirectory(folder.resolve("second"));
        Files.createFile(first.resolve("libcublas.so.13"));
        Files.createFile(second.resolve("libcublas.so.13"));
        Files.createFile(second.resolve("libcudart.so.13"));
        var found = CudaLibraries.in(new LinkedHashSet<>(List.of(folder.resolve("none"), first, second)));
        assertThat(found.found())
                .containsOnlyKeys("libcublas.so.13", "libcudart.so.13")
                .containsEntry("libcublas.so.13", first.resolve("libcublas.so.13"));
        assertThat(found.foundIn()).containsExactlyInAnyOrder(first, second);
        assertThat(found.missing())
                .extracting(CudaLibraries.Library::file)
                .contains("libnccl.so.2", CudaLibraries.NVRTC);
        assertThat(found.remedy().orElseThrow())
                .startsWith("python3 -m pip install ")
                .contains(" nvidia-nccl-cu13")
                .doesNotContain("nvidia-cuda-runtime");
    }

    @Test
    void whereAllIsThereNothingHasToBeInstalled(@TempDir Path folder) throws IOException {
        for (var library : CudaLibraries.in(new LinkedHashSet<>()).missing()) {
            Files.createFile(folder.resolve(library.file()));
        }
        var found = CudaLibraries.in(new LinkedHashSet<>(List.of(folder)));
        assertThat(found.missing()).isEmpty();
        assertThat(found.remedy()).isEqualTo(Optional.empty());
    }
}
