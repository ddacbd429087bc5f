package dev.cria.tensor;

/**
 * Rotates each head's halves in place: (a, b) → (a·cos − b·sin, b·cos + a·sin), element j paired with j + headDim/2 as
 * Hugging Face pairs them.
 *
 * @param x [rows, heads·headDim]
 * @param table [positions, 2, headDim/2]: cosines, then sines
 * @param positions [rows] int64
 * @see "Su et al. 2021, RoFormer"
 */
public record RotaryEmbedding(Tensor x, Tensor table, Tensor positions, Direction direction) implements Call {

    /** Which way to rotate; the gradient is rotated back. */
    public enum Direction {
        FORWARD,
        BACKWARD
    }

    public RotaryEmbedding {
        if (x.size(-1) % (2 * table.size(2)) != 0) {
            throw new ShapeException("no heads of " + x + " have halves of " + table.size(2));
        }
        ShapeException.requireElements(positions, x.size(0));
    }

    /** Half a head's width. */
    public int half() {
        return Math.toIntExact(table.size(2));
    }

    @Override
    public Kind kind() {
        return Kind.ROTARY_POSITIONS;
    }

    @Override
    public Work work() {
        return Work.moving(3.0 * x.elements(), x, x, positions);
    }
}
