package dev.cria.parallel;

import dev.cria.RequestException;
import dev.cria.tensor.library.Collectives.Network;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;

/** By which of a machine's networks its ranks reach the others. */
final class Networks {
    private static final Network LOOPBACK = new Network.Address("127.0.0.1");

    private Networks() {}

    /** The interface that was named, or else the one from which rank 0's address is reached. */
    static Network towards(Rendezvous rendezvous) {
        if (rendezvous.networkInterface().isPresent()) {
            return new Network.Interface(rendezvous.networkInterface().get());
        }
        if (isLoopback(rendezvous)) {
            return LOOPBACK;
        }
        try {
            InetAddress here = sourceTowards(rendezvous.host(), rendezvous.port());
            return new Network.Address((here.isLoopbackAddress() ? anyOther(here) : here).getHostAddress());
        } catch (IOException _) {
            return LOOPBACK;
        }
    }

    /**
     * Where the ranks of this machine look for rank 0, and where rank 0 listens: at one address, since whoever reaches
     * the port can speak to the ranks.
     */
    static String meetingPlace(Rendezvous rendezvous) {
        try {
            InetAddress named = InetAddress.getByName(rendezvous.host());
            boolean loopback = isLoopback(rendezvous);
            boolean elsewhere = rendezvous.rank() == 0 && !loopback && NetworkInterface.getByInetAddress(named) == null;
            // A machine may know its own name as 127.0.1.1, and a cluster's service has an address of its own.
            boolean own = elsewhere || named.isLoopbackAddress() && !loopback;
            return (own ? ownAddress(rendezvous) : named).getHostAddress();
        } catch (IOException _) {
            // The name may be looked up later: machines of a cluster start minutes apart.
            return rendezvous.host();
        }
    }

    private static InetAddress ownAddress(Rendezvous rendezvous) throws IOException {
        return switch (towards(rendezvous)) {
            case Network.Address(var hostname) -> InetAddress.getByName(hostname);
            case Network.Interface(var name) -> addressOf(name);
        };
    }

    private static InetAddress addressOf(String name) {
        try {
            NetworkInterface network = NetworkInterface.getByName(name);
            if (network != null) {
                List<InetAddress> addresses = Collections.list(network.getInetAddresses());
                return addresses.stream()
                        .filter(Inet4Address.class::isInstance)
                        .findFirst()
                        .orElseGet(addresses::getFirst);
            }
        } catch (IOException | NoSuchElementException _) {
            // Told below.
        }
        throw new RequestException(
                "GLOO_SOCKET_IFNAME is " + name + ", and no network interface with an address has this name",
                "ip -brief address shows their names");
    }

    private static boolean isLoopback(Rendezvous rendezvous) {
        return rendezvous.host().equals("localhost") || rendezvous.host().startsWith("127.");
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
