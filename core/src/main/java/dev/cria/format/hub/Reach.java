package dev.cria.format.hub;

import dev.cria.WorkException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Whether a server can be reached at all: without a network that should be told in seconds, not after many attempts. */
final class Reach {
    private static final Duration PATIENCE = Duration.ofMillis(3_500);

    private Reach() {}

    /** @throws WorkException if no connection can be made */
    static void require(URI address) {
        if (isProxied(address)) {
            return;
        }
        int port =
                address.getPort() >= 0 ? address.getPort() : address.getScheme().equals("https") ? 443 : 80;
        // Looking up a name has no time limit of its own.
        CompletableFuture<String> trouble = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("reach").start(() -> trouble.complete(connect(address.getHost(), port)));
        String why = await(trouble);
        if (!why.isEmpty()) {
            throw new WorkException(
                    address.getScheme() + "://" + address.getRawAuthority() + " cannot be reached: " + why,
                    "is there a network? HF_HUB_OFFLINE=1 takes what the cache has");
        }
    }

    private static boolean isProxied(URI address) {
        ProxySelector selector = ProxySelector.getDefault();
        return selector != null
                && selector.select(address).stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT);
    }

    private static String await(CompletableFuture<String> trouble) {
        try {
            return trouble.get(PATIENCE.toMillis() + 500, TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            return "no answer within " + PATIENCE.toMillis() / 1000.0 + " s";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkException("interrupted while connecting", "start the same command again", e);
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        }
    }

    /** Why none of the host's addresses takes a connection; nothing if one does. */
    private static String connect(String host, int port) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String why = "its name has no address";
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                long left = (end - System.nanoTime()) / 1_000_000;
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(address, port), (int) Math.max(1, left));
                    return "";
                } catch (IOException e) {
                    why = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
                }
            }
        } catch (UnknownHostException _) {
            return "its name cannot be looked up";
        }
        return why;
    }
}
