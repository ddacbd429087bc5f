package dev.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.serve.Catalogue.Served;
import dev.cria.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pages in a real browser, where there is one, doing what a reader does. {@code -Dpictures=DIR} keeps what was seen, on
 * a desktop and a phone, light and dark.
 */
@Tag("slow")
@Timeout(300)
final class PagesInBrowserTest {
    private static final List<String> SCHEMES = List.of("light", "dark");

    @TempDir
    private Path folder;

    private Optional<Server> server = Optional.empty();
    private Optional<Browser> opened = Optional.empty();

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Browser.CHROMIUM), "no " + Browser.CHROMIUM);
        var config = SmallDirectories.llama(new RopeScaling.None(), false);
        Path checkpoints = Files.createDirectories(folder.resolve("runs/first/checkpoints"));
        SmallDirectories.write(config, checkpoints.resolve("step-0000010"), DType.FLOAT32);
        SmallDirectories.write(SmallDirectories.gpt2(), checkpoints.resolve("step-0000020"), DType.FLOAT32);
        run("first", 3);
        run("second", 4);
        var room = new ModelRoom(
                Catalogue.of(List.of(new Served("first", folder.resolve("runs/first"))), Map.of()),
                ServerTest::open,
                4,
                1e9);
        server = Optional.of(Server.of(
                new ServeOptions("127.0.0.1", 0, Optional.empty()),
                Optional.of(room),
                Optional.of(BoardRoom.of(List.of(folder.resolve("runs")))),
                Progress.silent()));
        opened = Optional.of(new Browser(folder.resolve("profile")));
    }

    @AfterEach
    void stop() throws IOException {
        if (opened.isPresent()) {
            opened.get().close();
        }
        server.ifPresent(Server::close);
    }

    private void run(String name, int seed) throws IOException {
        Path run = Files.createDirectories(folder.resolve("runs").resolve(name));
        Files.writeString(run.resolve("config.yaml"), "schedule: {steps: 1000}\nseed: " + seed + "\n");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            lines.append(step(i, 2 + 4 * Math.exp(-i / 60.0) + 0.1 * Math.sin(seed * i)));
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines.append("{\"step\":300,\"val_loss\":2.1}\n"));
        Files.writeString(
                run.resolve("samples.jsonl"), "{\"step\":300,\"prompt\":\"A llama\",\"seed\":1,\"text\":\" hums.\"}\n");
    }

    private static String step(int step, double loss) {
        return "{\"step\":%d,\"loss\":%s,\"lr\":0.001,\"grad_norm\":0.5,\"tokens\":%d,\"tokens_per_s\":100.0,\"mfu\":0.1,\"elapsed_s\":%d}\n"
                .formatted(step, loss, (step + 1) * 128, step + 1);
    }

    private Browser browser() {
        return opened.orElseThrow();
    }

    private void talk() throws Exception {
        browser().look(1280, 900, "light");
        browser().open(server.orElseThrow().address() + "/");
        browser().until("document.querySelectorAll('#model option').length > 0");
    }

    private void say(String words) throws Exception {
        browser().ask("document.getElementById('input').focus()");
        browser().type(words);
        browser().press("Enter");
    }

    private void pictures(String name) throws Exception {
        String place = System.getProperty("pictures", "");
        for (int width : new int[] {1280, 390}) {
            for (String scheme : SCHEMES) {
                browser().look(width, 900, scheme);
                browser().until("document.documentElement.scrollWidth <= innerWidth");
                if (!place.isEmpty()) {
                    Thread.sleep(400);
                    browser().picture(Path.of(place, name + "-" + width + "-" + scheme + ".png"));
                }
            }
        }
        browser().look(1280, 900, "light");
    }

    private static final String FINISHED =
            "document.getElementById('stop').disabled && document.querySelectorAll('.token').length";

    @Test
    void anAnswerStreamsIsTintedAndSaysWhatElseWasLikely() throws Exception {
        talk();
        browser().ask("document.getElementById('max-tokens').value = 40");
        say("Who is lazy?");
        browser().until("document.querySelectorAll('.token').length > 3");
        browser().until(FINISHED + " > 3");
        assertThat(browser().ask("document.querySelector('.said').innerText")).contains("Who is lazy?");
        assertThat(browser().ask("document.querySelector('.answer .token').style.getPropertyValue('--doubt')"))
                .startsWith("0.");
        browser().point(".answer .token");
        browser().until("!document.getElementById('likely').hidden");
        assertThat(browser().ask("String(document.querySelectorAll('#likely tr').length)"))
                .isIn("10", "11");
        browser().press("Escape");
        browser().until("document.getElementById('likely').hidden");
        browser().ask("document.querySelector('.answer .text').focus()");
        browser().press("ArrowRight");
        browser().until("document.getElementById('status').textContent.includes('%')");
        pictures("chat");
        assertThat(browser().complaints()).isEmpty();
    }

    @Test
    void escapeStopsRegenerateAsksAgainAndEditTakesBack() throws Exception {
        talk();
        browser().ask("document.getElementById('max-tokens').value = 110; document.getElementById('seed').value = 7");
        // From within the page: this model writes faster than a key comes through from outside.
        browser().ask("""
            new MutationObserver((_, self) => {
                if (document.querySelectorAll('.token').length > 2) {
                    self.disconnect();
                    document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}));
                }
            }).observe(document.getElementById('log'), {childList: true, subtree: true})\
            """);
        say("Go on");
        browser().until("document.querySelectorAll('.token').length > 2");
        browser().until("document.getElementById('stop').disabled");
        browser().until("document.querySelector('.answer .foot').innerText.includes('stopped')");
        browser().ask("document.getElementById('max-tokens').value = 9");
        browser().ask("document.getElementById('again').click()");
        browser().until(FINISHED + " === 9 || document.querySelector('.answer .foot').innerText.includes('tokens,')");
        browser().ask("document.querySelector('.edit').click()");
        browser().until("document.querySelectorAll('.said').length === 0");
        assertThat(browser().ask("document.getElementById('input').value")).isEqualTo("Go on");
        assertThat(browser().complaints()).isEmpty();
    }

    @Test
    void whatIsRefusedComesBackToBeSaidOtherwise() throws Exception {
        talk();
        browser().ask("document.getElementById('max-tokens').value = 9");
        say("First");
        browser().until(FINISHED + " > 0");
        browser().ask("document.getElementById('max-tokens').value = 5000");
        say("Second");
        browser().until("document.getElementById('alert').innerText.includes('maximum context length')");
        assertThat(browser().ask("document.getElementById('input').value")).isEqualTo("Second");
        assertThat(browser().ask("[...document.querySelectorAll('.said')].map(s => s.innerText).join()"))
                .contains("First")
                .doesNotContain("Second");
        assertThat(browser().ask("document.getElementById('chosen').innerText")).isEqualTo("first@20");
    }

    @Test
    void twoCheckpointsAnswerSideBySideAndTheSliderAsksAnother() throws Exception {
        talk();
        browser()
                .ask("document.getElementById('max-tokens').value = 12;"
                        + " document.getElementById('temperature').value = 0");
        browser()
                .ask("document.getElementById('compare').click(); document.getElementById('other').value = 'first@10'");
        say("The dog");
        browser().until("document.querySelectorAll('.answer').length === 2");
        browser().until("document.getElementById('stop').disabled");
        assertThat(browser().ask("[...document.querySelectorAll('.answer h2')].map(h => h.innerText).join()"))
                .isEqualTo("first@20,first@10");
        String newest = browser().ask("document.querySelectorAll('.answer .text')[0].innerText");
        String older = browser().ask("document.querySelectorAll('.answer .text')[1].innerText");
        assertThat(newest).isNotEqualTo(older);
        pictures("compare");

        browser()
                .ask("document.getElementById('step').value = 0;for (const e of ['input', 'change'])"
                        + " document.getElementById('step').dispatchEvent(new Event(e))");
        browser().until("document.querySelector('.answer h2').innerText === 'first@10'");
        browser().until(FINISHED + " > 0");
        assertThat(browser().ask("document.querySelectorAll('.answer .text')[0].innerText"))
                .isEqualTo(older);
        assertThat(browser().complaints()).isEmpty();
    }

    @Test
    void aTextIsWrittenOn() throws Exception {
        talk();
        browser().ask("document.getElementById('mode-text').click(); document.getElementById('max-tokens').value = 10");
        say("A llama is");
        browser().until(FINISHED + " > 0");
        assertThat(browser().ask("document.querySelector('.answer .text').textContent"))
                .startsWith("A llama is");
        pictures("text");
        assertThat(browser().complaints()).isEmpty();
    }

    @Test
    void theBoardGrowsWithTheFiles() throws Exception {
        browser().look(1280, 900, "light");
        browser().open(server.orElseThrow().address() + "/board");
        browser().until("document.querySelectorAll('.chart canvas').length >= 4");
        assertThat(browser().ask("document.getElementById('differences').innerText"))
                .contains("seed", "3", "4");
        Files.writeString(
                folder.resolve("runs/first/metrics.jsonl"),
                step(300, 1.9) + "{\"step\":301,\"loss\":null,\"lr\":0.1}\n",
                StandardOpenOption.APPEND);
        browser().until("document.getElementById('problems').innerText.includes('not finite at step 301')");
        assertThat(browser().ask("document.getElementById('runs').innerText")).contains("step 301");
        browser()
                .until("[...document.querySelectorAll('.chart')].every(c => c.querySelector('canvas').offsetWidth"
                        + " <= c.clientWidth)");
        assertThat(browser().ask("[...document.querySelectorAll('.chart')].map(c => c.dataset.key).join()"))
                .startsWith("loss,val_loss,lr,grad_norm,tokens_per_s");
        browser().ask("document.getElementById('logy').click()");
        browser().until("location.href.includes('logy')");
        pictures("board");
        assertThat(browser().complaints()).isEmpty();
    }
}
