package dev.cria.cli;

import dev.cria.run.WeightsId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads a model's files into the system's cache while another model is measured: the weights are mapped from there, so
 * that one model is in memory and the next one doesn't wait for the disk.
 */
final class ReadAhead {
    private static final int PIECE = 1 << 22;

    private ReadAhead() {}

    static void start(Path model) {
        List<Path> files = WeightsId.files(model);
        Thread.ofPlatform().daemon().name("read-ahead").start(() -> read(files));
    }

    private static void read(List<Path> files) {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file)) {
                while (channel.read(piece.clear()) >= 0) {}
            } catch (IOException _) {
                return; // Told when the model is opened.
            }
        }
    }
}
