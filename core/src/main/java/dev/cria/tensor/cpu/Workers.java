package dev.cria.tensor.cpu;

import dev.cria.tensor.Threads;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads that the CPU kernels share, as many as {@link Threads} says, the caller being one of them.
 *
 * <p>How work is cut into tasks follows from shapes alone; which thread runs a task follows from who is free. So
 * results do not depend on timing, nor on a neighbour that takes a core away for a while. Idle threads look for work a
 * few microseconds long, since the next kernel usually follows at once, then sleep. Where work keeps coming after short
 * breaks, as while a model decodes, they look for longer: waking a thread takes as long as one of its small kernels.
 */
public final class Workers {
    private static final Workers SHARED = new Workers(Threads.ofThisProcess().count());

    /** Looks before sleeping: about 20 µs. */
    private static final int SPINS = 500;

    /** After a break shorter than {@link #SHORT_BREAK_NANOS}: about 200 µs. */
    private static final int MORE_SPINS = 4000;

    private static final long SHORT_BREAK_NANOS = 200_000;

    private final Thread[] threads;
    private final ReentrantLock busy = new ReentrantLock();
    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);
    private final ThreadLocal<Boolean> inside = ThreadLocal.withInitial(() -> false);
    private volatile Job job = new Job(0, 1, (_, _) -> {});

    /** One piece of the work. */
    @FunctionalInterface
    public interface Task {
        void run(int index, Scratch scratch);
    }

    Workers(int cores) {
        threads = new Thread[cores - 1];
        for (int i = 0; i < threads.length; i++) {
            int segment = i + 1;
            threads[i] = Thread.ofPlatform().daemon().name("cria-worker-" + i).start(() -> serve(segment));
        }
    }

    /** The workers of this process. */
    public static Workers shared() {
        return SHARED;
    }

    /** Threads that work at one time. */
    int count() {
        return threads.length + 1;
    }

    /** The calling thread's own working memory. */
    Scratch scratch() {
        return scratch.get();
    }

    /** Runs tasks 0 to {@code tasks − 1}, each once and in any order; returns when all are done. */
    public void run(int tasks, Task task) {
        // A task that asks for workers, and a second caller, do their work themselves.
        if (tasks == 1 || threads.length == 0 || inside.get() || !busy.tryLock()) {
            alone(tasks, task);
            return;
        }
        try {
            inside.set(true);
            Job mine = new Job(tasks, count(), task);
            job = mine;
            int helpers = Math.min(threads.length, tasks - 1);
            for (int i = 0; i < helpers; i++) {
                LockSupport.unpark(threads[i]);
            }
            mine.work(0, scratch.get());
            mine.await();
        } finally {
            inside.set(false);
            busy.unlock();
        }
    }

    private void alone(int tasks, Task task) {
        Scratch mine = scratch.get();
        for (int i = 0; i < tasks; i++) {
            var mark = mine.mark();
            task.run(i, mine);
            mine.reset(mark);
        }
    }

    private void serve(int segment) {
        inside.set(true);
        Scratch mine = scratch.get();
        Job last = job;
        int most = SPINS;
        while (true) {
            int spins = 0;
            long idleSince = System.nanoTime();
            while (job == last) {
                if (++spins < most) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
            most = System.nanoTime() - idleSince < SHORT_BREAK_NANOS ? MORE_SPINS : SPINS;
            last = job;
            last.work(segment, mine);
        }
    }

    /** Tasks that are claimed one by one: a thread's own share first, then what others have left of theirs. */
    private static final class Job {
        private final int tasks;
        private final Task task;
        private final AtomicIntegerArray next;
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final Thread caller = Thread.currentThread();

        Job(int tasks, int threads, Task task) {
            this.tasks = tasks;
            this.task = task;
            this.next = new AtomicIntegerArray(threads);
        }

        void work(int self, Scratch scratch) {
            int threads = next.length();
            for (int i = 0; i < threads; i++) {
                int share = (self + i) % threads;
                int first = (int) ((long) tasks * share / threads);
                int size = (int) ((long) tasks * (share + 1) / threads) - first;
                for (int j = next.getAndIncrement(share); j < size; j = next.getAndIncrement(share)) {
                    run(first + j, scratch);
                }
            }
        }

        private void run(int index, Scratch scratch) {
            var mark = scratch.mark();
            try {
                task.run(index, scratch);
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            } finally {
                scratch.reset(mark);
                if (done.incrementAndGet() == tasks) {
                    LockSupport.unpark(caller);
                }
            }
        }

        void await() {
            int spins = 0;
            while (done.get() < tasks) {
                if (++spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
            Throwable thrown = failure.get();
            switch (thrown) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(thrown);
            }
        }
    }
}
