package dev.cria.tensor.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.WorkException;
import dev.cria.tensor.Device;
import org.junit.jupiter.api.Test;

final class CudaFailureTest {
    private static final Device GPU = Device.cuda(1);

    @Test
    void outOfMemoryComesWithWhatSavesSome() {
        var libtorch = new RuntimeException("CUDA out of memory. Tried to allocate 2.00 GiB.\nException raised from …");
        var told = (WorkException) CudaFailure.explain(libtorch, GPU);
        assertThat(told.error()).startsWith("cuda:1 has no room left");
        assertThat(told.hint()).contains("batch.micro_batch").contains("./cria plan");
        assertThat(told).hasCause(libtorch);
    }

    @Test
    void anErrorOfTheGpuIsToldInOneLine() {
        var libtorch =
                new RuntimeException("CUDA error: an illegal memory access was encountered\nCUDA kernel errors …");
        assertThat(((WorkException) CudaFailure.explain(libtorch, GPU)).error())
                .isEqualTo("cuda:1 fails: CUDA error: an illegal memory access was encountered");
    }

    @Test
    void anyOtherFailureStaysWhatItIs() {
        var bug = new RuntimeException("mat1 and mat2 shapes cannot be multiplied");
        assertThat(CudaFailure.explain(bug, GPU)).isSameAs(bug);
        assertThat(CudaFailure.explain(new IllegalStateException("CUDA error"), Device.CPU))
                .isInstanceOf(IllegalStateException.class);
    }
}
