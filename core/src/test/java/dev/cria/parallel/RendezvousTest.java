package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.RequestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RendezvousTest {

    @Test
    void noVariablesMeanOneProcessAlone() {
        assertThat(Rendezvous.of(Map.of("PATH", "/bin", "MASTER_ADDR", "gpu01")))
                .isEmpty();
    }

    @Test
    void oneRankIsOneProcessAlone() {
        assertThat(Rendezvous.of(Map.of("RANK", "0", "WORLD_SIZE", "1"))).isEmpty();
        assertThat(Rendezvous.of(Map.of("SLURM_PROCID", "0", "SLURM_NTASKS", "1")))
                .isEmpty();
    }

    @Test
    void torchrunsVariablesWorkAsTheyAre() {
        var environment = Map.of(
                "RANK", "5",
                "WORLD_SIZE", "8",
                "LOCAL_RANK", "1",
                "LOCAL_WORLD_SIZE", "4",
                "MASTER_ADDR", "gpu01",
                "MASTER_PORT", "29512",
                "TORCHELASTIC_USE_AGENT_STORE", "True",
                "TORCHELASTIC_RESTART_COUNT", "2");
        assertThat(Rendezvous.of(environment))
                .contains(new Rendezvous(
                        5, 8, 1, 4, "gpu01", 29512, Optional.of("2"), Optional.empty(), Optional.empty()));
    }

    @Test
    void kubeflowsVariablesWorkAsTheyAre() {
        var environment = Map.of(
                "RANK", "1",
                "WORLD_SIZE", "3",
                "MASTER_ADDR", "llama-master-0",
                "MASTER_PORT", "23456",
                "PET_NNODES", "3",
                "PYTHONUNBUFFERED", "1");
        assertThat(Rendezvous.of(environment))
                .contains(new Rendezvous(
                        1, 3, 0, 1, "llama-master-0", 23456, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @Test
    void slurmsVariablesWorkAsTheyAre() {
        var environment = Map.of(
                "SLURM_PROCID", "3",
                "SLURM_NTASKS", "4",
                "SLURM_LOCALID", "1",
                "SLURM_JOB_ID", "70123",
                "SLURM_JOB_NODELIST", "gpu[03-05,09]",
                "SLURM_LAUNCH_NODE_IPADDR", "10.0.0.1",
                "GLOO_SOCKET_IFNAME", "ib0");
        assertThat(Rendezvous.of(environment))
                .contains(new Rendezvous(
                        3, 4, 1, 1, "gpu03", 15_000 + 10_123, Optional.empty(), Optional.of("ib0"), Optional.empty()));
    }

    @Test
    void slurmOnOneMachineNeedsNoNetwork() {
        var environment = Map.of(
                "SLURM_PROCID", "1",
                "SLURM_NTASKS", "2",
                "SLURM_NNODES", "1",
                "SLURM_JOB_NODELIST", "gpu03");
        assertThat(Rendezvous.of(environment))
                .get()
                .extracting(Rendezvous::host)
                .isEqualTo("127.0.0.1");
    }

    @Test
    void theLaunchersVariablesGoBeforeTheBatchJobs() {
        var environment = Map.of(
                "RANK", "1",
                "WORLD_SIZE", "2",
                "LOCAL_RANK", "1",
                "LOCAL_WORLD_SIZE", "4",
                "MASTER_ADDR", "127.0.0.1",
                "MASTER_PORT", "41000",
                "SLURM_PROCID", "0",
                "SLURM_NTASKS", "4");
        assertThat(Rendezvous.of(environment))
                .get()
                .extracting(Rendezvous::rank)
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gpu03|gpu03",
                "gpu03,gpu04|gpu03",
                "gpu[03-05,09]|gpu03",
                "gpu[9]|gpu9",
                "rack[2-3]node[07,09-11],login1|rack2node07",
                "a100-[1,4]-ib,b1|a100-1-ib"
            })
    void theFirstMachineOfSlurmsListIsFound(String list, String first) {
        assertThat(Rendezvous.firstHost(list)).isEqualTo(first);
    }

    @Test
    void refusesARankOutsideTheWorld() {
        assertThatThrownBy(() -> Rendezvous.of(Map.of("RANK", "2", "WORLD_SIZE", "2", "MASTER_ADDR", "a")))
                .isInstanceOf(RequestException.class)
                .hasMessage("rank 2 is out of range for 2 ranks");
    }

    @Test
    void refusesVariablesThatAreMissingOrNoNumbers() {
        assertThatThrownBy(() -> Rendezvous.of(Map.of("RANK", "1")))
                .hasMessage("the environment has RANK or WORLD_SIZE but no WORLD_SIZE");
        assertThatThrownBy(() -> Rendezvous.of(Map.of("RANK", "1", "WORLD_SIZE", "2")))
                .hasMessage("the environment has RANK or WORLD_SIZE but no MASTER_ADDR");
        assertThatThrownBy(() -> Rendezvous.of(Map.of("RANK", "one", "WORLD_SIZE", "2")))
                .hasMessage("the environment variable RANK is one, not a whole number");
    }

    @Test
    void aCommandKnowsThatItIsStartedAgain() {
        assertThat(Launched.from(Map.of())).isEqualTo(new Launched(Launched.Parent.ANYONE, 0));
        assertThat(Launched.from(Map.of("SLURM_RESTART_COUNT", "2")).restarts()).isEqualTo(2);
        assertThat(Launched.from(Map.of("CRIA_LAUNCHED", "1", "TORCHELASTIC_RESTART_COUNT", "1")))
                .isEqualTo(new Launched(Launched.Parent.LAUNCHER, 1));
    }

    @Test
    void refusesPortsThatAreNoneAndSecretsThatAreGuessed() {
        assertThatThrownBy(() -> Rendezvous.of(
                        Map.of("RANK", "0", "WORLD_SIZE", "2", "MASTER_ADDR", "localhost", "MASTER_PORT", "70000")))
                .isInstanceOf(RequestException.class)
                .hasMessage("MASTER_PORT is 70000, not from 1 to 65535");
        assertThatThrownBy(() -> Rendezvous.of(Map.of(
                        "RANK",
                        "0",
                        "WORLD_SIZE",
                        "2",
                        "MASTER_ADDR",
                        "localhost",
                        "CRIA_RENDEZVOUS_SECRET",
                        "hunter2")))
                .isInstanceOf(RequestException.class)
                .hasMessage("CRIA_RENDEZVOUS_SECRET has 7 characters, fewer than 16");
        assertThatThrownBy(() -> new Launch.Request(
                        2, 2, 1, 0, Optional.empty(), OptionalInt.of(0), 0, Launch.Needs.NONE, List.of("x")))
                .isInstanceOf(RequestException.class)
                .hasMessage("--master-port is 0, not from 1 to 65535");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0|0|1|0|--nproc-per-node is 0, not at least 1|--nproc-per-node 2",
                "4|0|1|3|--nproc-per-node is 0:4, not the least and the most ranks|--nproc-per-node 2:4",
                "2|4|1|3|--nproc-per-node is 4:2, not the least and the most ranks|--nproc-per-node 2:4",
                "4|2|2|3|--nproc-per-node is 2:4 and --nnodes is 2; other machines would not learn of a lost rank"
                        + "|--nproc-per-node 4",
                "4|2|1|0|--nproc-per-node is 2:4 and nothing is restarted with fewer: --max-restarts is 0"
                        + "|--max-restarts 5"
            })
    void refusesNumbersOfRanksThatNothingCanBeDoneWith(
            int most, int least, int nodes, int restarts, String error, String hint) {
        var refusal = catchThrowableOfType(
                RequestException.class,
                () -> new Launch.Request(
                        most,
                        least,
                        nodes,
                        0,
                        Optional.of("host"),
                        OptionalInt.empty(),
                        restarts,
                        Launch.Needs.NONE,
                        List.of("x")));
        assertThat(refusal.error()).isEqualTo(error);
        assertThat(refusal.hint()).isEqualTo(hint);
    }

    @Test
    void ranksMeetAtOneAddress() {
        Map<String, String> environment = new HashMap<>(
                Map.of("RANK", "0", "WORLD_SIZE", "2", "MASTER_ADDR", "localhost", "MASTER_PORT", "29500"));
        assertThat(Networks.meetingPlace(Rendezvous.of(environment).orElseThrow()))
                .isEqualTo("127.0.0.1");
        environment.putAll(Map.of("MASTER_ADDR", "192.0.2.1", "GLOO_SOCKET_IFNAME", "lo"));
        assertThat(Networks.meetingPlace(Rendezvous.of(environment).orElseThrow()))
                .as("the named interface, where the name's address is another machine's")
                .isEqualTo("127.0.0.1");
        environment.put("RANK", "1");
        assertThat(Networks.meetingPlace(Rendezvous.of(environment).orElseThrow()))
                .isEqualTo("192.0.2.1");
        environment.putAll(Map.of("RANK", "0", "GLOO_SOCKET_IFNAME", "none9"));
        assertThatThrownBy(
                        () -> Networks.meetingPlace(Rendezvous.of(environment).orElseThrow()))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("no network interface with an address has this name");
    }
}
