package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;

import dev.cria.tensor.Matrix;
import dev.cria.tensor.RotaryEmbedding;
import dev.cria.tensor.RotaryEmbedding.Direction;
import jdk.incubator.vector.FloatVector;

/** {@link RotaryEmbedding}: rotates each head's halves in place. */
final class CpuRope {
    private CpuRope() {}

    static void rotate(Workers workers, RotaryEmbedding call) {
        var x = Matrix.of(call.x());
        var table = Matrix.flat(call.table());
        var positions = Matrix.flat(call.positions());
        int half = call.half();
        long width = x.width();
        float sign = call.direction() == Direction.FORWARD ? 1 : -1;
        var blocks = RowBlocks.of(x.rows(), width);
        workers.run(blocks.count(), (block, scratch) -> {
            for (long row = blocks.first(block); row < blocks.end(block); row++) {
                long cosines = table.address() + Lanes.getLong(positions.at(0, row)) * 8 * half;
                if (Lanes.areBf16(half, x)) {
                    for (long head = 0; head < width; head += 2L * half) {
                        rotateBf16(x.at(row, head), cosines, sign, half);
                    }
                    continue;
                }
                var mark = scratch.mark();
                long wide = Lanes.widened(x.dtype(), x.at(row), width, scratch);
                for (long head = 0; head < width; head += 2L * half) {
                    rotate(wide + 4 * head, cosines, sign, half);
                }
                Lanes.finish(x.dtype(), wide, x.at(row), width);
                scratch.reset(mark);
            }
        });
    }

    private static void rotateBf16(long x, long cosines, float sign, int half) {
        for (int i = 0; i < half; i += WIDTH) {
            FloatVector cos = load(cosines + 4L * i);
            FloatVector sin = load(cosines + 4L * (half + i)).mul(sign);
            FloatVector a = Lanes.loadBf16(x + 2L * i);
            FloatVector b = Lanes.loadBf16(x + 2L * (half + i));
            Lanes.storeBf16(x + 2L * i, a.mul(cos).sub(b.mul(sin)));
            Lanes.storeBf16(x + 2L * (half + i), b.mul(cos).add(a.mul(sin)));
        }
    }

    private static void rotate(long x, long cosines, float sign, int half) {
        long sines = cosines + 4L * half;
        long second = x + 4L * half;
        int i = 0;
        for (; i < Lanes.bound(half); i += WIDTH) {
            FloatVector cos = load(cosines + 4 * i);
            FloatVector sin = load(sines + 4 * i).mul(sign);
            FloatVector a = load(x + 4 * i);
            FloatVector b = load(second + 4 * i);
            Lanes.store(x + 4 * i, a.mul(cos).sub(b.mul(sin)));
            Lanes.store(second + 4 * i, b.mul(cos).add(a.mul(sin)));
        }
        for (; i < half; i++) {
            float cos = Lanes.get(cosines + 4 * i);
            float sin = Lanes.get(sines + 4 * i) * sign;
            float a = Lanes.get(x + 4 * i);
            float b = Lanes.get(second + 4 * i);
            Lanes.set(x + 4 * i, a * cos - b * sin);
            Lanes.set(second + 4 * i, b * cos + a * sin);
        }
    }
}
