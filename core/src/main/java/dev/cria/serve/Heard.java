package dev.cria.serve;

import dev.cria.generate.BatchListener;
import dev.cria.generate.Completion;
import dev.cria.generate.Scored;
import dev.cria.generate.TokenListener;
import java.util.concurrent.BlockingQueue;

/** What the batch says of one of a request's choices, on its way to the thread that answers. */
sealed interface Heard {
    int choice();

    record PromptToken(int choice, Scored token) implements Heard {}

    record Begun(int choice, int cached) implements Heard {}

    record Token(int choice, Scored token) implements Heard {}

    record Ended(int choice, Completion.Stop stop) implements Heard {}

    record Failed(int choice, RuntimeException why) implements Heard {}

    /** Puts everything into the queue, which has room for all that one answer can say. */
    static BatchListener into(BlockingQueue<Heard> queue, int choice) {
        return new BatchListener() {
            @Override
            public void prompt(Scored token) {
                queue.add(new PromptToken(choice, token));
            }

            @Override
            public void begun(int cached) {
                queue.add(new Begun(choice, cached));
            }

            @Override
            public TokenListener.Next chosen(Scored token) {
                queue.add(new Token(choice, token));
                return TokenListener.Next.CONTINUE;
            }

            @Override
            public void ended(Completion.Stop stop) {
                queue.add(new Ended(choice, stop));
            }

            @Override
            public void failed(RuntimeException why) {
                queue.add(new Failed(choice, why));
            }
        };
    }
}
