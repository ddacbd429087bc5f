package dev.cria.parallel;

import dev.cria.tensor.Collectives.Network;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.Collections;

/** By which of a machine's networks its ranks reach the others. */
final class Networks {
    private static final Network LOOPBACK = new Network.Address("127.0.0.1");

    private Networks() {}

    /** The interface that was named, or else the one from which rank 0's address is reached. */
    static Network towards(Rendezvous rendezvous) {
        if (rendezvous.networkInterface().isPresent()) {
            return new Network.Interface(rendezvous.networkInterface().get());
        }
        if (rendezvous.host().equals("localhost") || rendezvous.host().startsWith("127.")) {
            return LOOPBACK;
        }
        try {
            InetAddress here = sourceTowards(rendezvous.host(), rendezvous.port());
            return new Network.Address((here.isLoopbackAddress() ? anyOther(here) : here).getHostAddress());
        } catch (IOException _) {
            return LOOPBACK;
        }
    }

    /** A datagram socket that is connected sends nothing, but knows the address it would send from. */
    private static InetAddress sourceTowards(String host, int port) throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByName(host), port));
            return socket.getLocalAddress();
        }
    }

    /** Rank 0's own name may mean the loopback address on its own machine, which others can't reach. */
    private static InetAddress anyOther(InetAddress loopback) throws IOException {
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (network.isUp() && !network.isLoopback() && !network.isVirtual()) {
                for (var address : network.getInterfaceAddresses()) {
                    if (address.getAddress().getAddress().length == 4) {
                        return address.getAddress();
                    }
                }
            }
        }
        return loopback;
    }
}
