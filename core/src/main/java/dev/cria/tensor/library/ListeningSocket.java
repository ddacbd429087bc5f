package dev.cria.tensor.library;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;

/**
 * A socket that listens at one address, as a descriptor that libtorch takes: left to itself it listens at all of a
 * machine's addresses. Java's own sockets don't tell their descriptors, so this one is made by Linux's calls.
 */
final class ListeningSocket {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int STREAM_CLOSED_ON_EXEC = 1 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int WAITING = 2048;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();

    private ListeningSocket() {}

    /** The numbers above are Linux's; elsewhere libtorch opens its socket itself. */
    static boolean isSupported() {
        return System.getProperty("os.name").equals("Linux");
    }

    /** The descriptor of a socket that listens at an address; whoever takes it closes it. */
    static int open(InetAddress address, int port) throws IOException {
        int family = address instanceof Inet6Address ? AF_INET6 : AF_INET;
        int socket = call("socket", MemorySegment.NULL, family, STREAM_CLOSED_ON_EXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment on = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
            option(socket, on);
            MemorySegment name = name(arena, family, address, port);
            call("bind", name, socket, (int) name.byteSize(), 0);
            call("listen", MemorySegment.NULL, socket, WAITING, 0);
            return socket;
        } catch (IOException e) {
            call("close", MemorySegment.NULL, socket, 0, 0);
            throw e;
        }
    }

    /** A struct sockaddr_in, or sockaddr_in6. */
    private static MemorySegment name(Arena arena, int family, InetAddress address, int port) {
        MemorySegment name = arena.allocate(family == AF_INET ? 16 : 28, 4);
        name.set(ValueLayout.JAVA_SHORT, 0, (short) family);
        name.set(ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) port);
        MemorySegment.copy(
                MemorySegment.ofArray(address.getAddress()),
                0,
                name,
                family == AF_INET ? 4 : 8,
                address.getAddress().length);
        if (address instanceof Inet6Address six) {
            name.set(ValueLayout.JAVA_INT, 24, six.getScopeId());
        }
        return name;
    }

    private static void option(int socket, MemorySegment on) throws IOException {
        MethodHandle handle = handle(
                "setsockopt",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT));
        checked("setsockopt", state -> (int) handle.invokeExact(state, socket, SOL_SOCKET, SO_REUSEADDR, on, 4));
    }

    /** Calls a function that takes up to three numbers, or with an address between the first two. */
    private static int call(String function, MemorySegment pointer, int first, int second, int third)
            throws IOException {
        ValueLayout number = ValueLayout.JAVA_INT;
        if (pointer.address() != 0) {
            MethodHandle handle = handle(function, FunctionDescriptor.of(number, number, ValueLayout.ADDRESS, number));
            return checked(function, state -> (int) handle.invokeExact(state, first, pointer, second));
        }
        MethodHandle handle = handle(function, FunctionDescriptor.of(number, number, number, number));
        return checked(function, state -> (int) handle.invokeExact(state, first, second, third));
    }

    private static MethodHandle handle(String function, FunctionDescriptor type) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(function), type, Linker.Option.captureCallState("errno"));
    }

    @FunctionalInterface
    private interface NativeCall {
        int run(MemorySegment state) throws Throwable;
    }

    private static int checked(String function, NativeCall call) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            int result = call.run(state);
            if (result < 0) {
                int error = state.get(
                        ValueLayout.JAVA_INT, CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno")));
                throw new IOException(reason(function, error));
            }
            return result;
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The errors that a user can do something about. */
    private static String reason(String function, int error) {
        return switch (error) {
            case 13 -> "ports below 1024 are the system's";
            case 24 -> "too many files are open";
            case 98 -> "the port is taken";
            case 99 -> "the address is none of this machine's";
            default -> function + " fails with error " + error;
        };
    }
}
