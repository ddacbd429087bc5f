package dev.cria.tensor.library;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A library of C functions that answer with a number, 0 if all went well. Loaded for good. */
public final class NativeLibrary {
    private final SymbolLookup symbols;
    private final Map<String, MethodHandle> functions = new ConcurrentHashMap<>();

    private NativeLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    /** Opens a library, if the system's loader finds it under this name or path and all that it needs. */
    public static Optional<NativeLibrary> open(String name) {
        try {
            return Optional.of(new NativeLibrary(SymbolLookup.libraryLookup(name, Arena.global())));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    boolean has(String function) {
        return symbols.find(function).isPresent();
    }

    /** Calls a function that may be looked up each time: {@link Integer}, {@link Long} and {@link MemorySegment} go in. */
    public int call(String function, Object... arguments) {
        var handle = functions.computeIfAbsent(
                function,
                name -> bind(
                        name,
                        Arrays.stream(arguments).map(NativeLibrary::layout).toArray(MemoryLayout[]::new)));
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " cannot be called", e);
        }
    }

    /** A function that is called often. */
    public MethodHandle bind(String function, MemoryLayout... arguments) {
        var type = FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments);
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(function), type);
    }

    private static MemoryLayout layout(Object argument) {
        return switch (argument) {
            case Integer _ -> ValueLayout.JAVA_INT;
            case Long _ -> ValueLayout.JAVA_LONG;
            case MemorySegment _ -> ValueLayout.ADDRESS;
            default -> throw new IllegalArgumentException("no C type is known for " + argument);
        };
    }
}
