package dev.cria.tensor.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.WorkException;
import dev.cria.tensor.DType;
import dev.cria.tensor.cuda.CudaKernel.Unit;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sources of the CUDA kernels through the compiler that a GPU's machine code comes from; it needs no GPU. */
@Tag("gpu")
final class NvrtcTest {

    @BeforeEach
    void needsNvrtc() {
        Assumptions.assumeTrue(
                CudaLibraries.here().found().containsKey(CudaLibraries.NVRTC),
                "no " + CudaLibraries.NVRTC + " here; CRIA_CUDA_PATH may name its folder");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rms_norm",
                "layer_norm",
                "columns",
                "activations",
                "embedding",
                "cross_entropy",
                "adam",
                "squares"
            })
    void everyFileCompilesForAmpereAndHopper(String file) {
        for (int capability : new int[] {80, 90}) {
            for (DType type : new DType[] {DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16}) {
                for (int vector : new int[] {1, 16 / type.bytes()}) {
                    var unit = new Unit(file, type, DType.BFLOAT16, vector);
                    byte[] code = Nvrtc.here().compile(file + ".cu", CudaSource.of(unit), capability);
                    // Machine code comes as an ELF file.
                    assertThat(code).as(unit.toString()).startsWith(0x7F, 'E', 'L', 'F');
                }
            }
        }
    }

    @Test
    void aGpuThatTheCompilerDoesNotKnowGetsPtx() {
        var unit = new Unit("squares", DType.FLOAT32, DType.FLOAT32, 1);
        byte[] code = Nvrtc.here().compile("squares.cu", CudaSource.of(unit), 999);
        assertThat(new String(code, StandardCharsets.US_ASCII)).contains(".visible .entry squares");
    }

    @Test
    void aGpuThatIsTooOldIsRefused() {
        assertThatThrownBy(() -> Nvrtc.here().compile("x.cu", "", 30))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("compute capability 3.0");
    }

    @Test
    void anErrorInASourceNamesItsLine() {
        assertThatThrownBy(() -> Nvrtc.here().compile("wrong.cu", "\nint x = y;\n", 90))
                .hasMessageContaining("wrong.cu")
                .hasMessageContaining("\"y\" is undefined");
    }
}
