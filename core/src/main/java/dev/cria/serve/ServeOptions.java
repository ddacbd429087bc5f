package dev.cria.serve;

import dev.cria.RequestException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;

/**
 * Where and for whom a server answers.
 *
 * @param port 0 takes a free one
 * @param apiKey asked for with every request where it is given
 * @param patience for a request's headers, its body, and for the reading of one part of an answer
 */
public record ServeOptions(String host, int port, Optional<String> apiKey, Duration patience) {
    private static final Duration USUAL_PATIENCE = Duration.ofSeconds(60);

    public ServeOptions(String host, int port, Optional<String> apiKey) {
        this(host, port, apiKey, USUAL_PATIENCE);
    }

    public ServeOptions {
        if (port < 0 || port > 65535) {
            throw new RequestException("--port is " + port + ", not from 0 to 65535", "--port 8080");
        }
        if (apiKey.isEmpty() && !isLoopback(host)) {
            throw new RequestException(
                    "--host " + host + " is open to other machines, and there is no key",
                    "write a key into a file and give --api-key-file FILE, or leave --host away");
        }
    }

    boolean isLoopback() {
        return isLoopback(host);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new RequestException("--host " + host + " is no address of this machine", "--host 127.0.0.1");
        }
    }
}
