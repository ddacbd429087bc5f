package dev.cria.serve;

import dev.cria.generate.BatchLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** OpenAI's interface over the models, and what the page wants to know besides. */
public final class ModelRoom implements Server.Room {
    private static final String MODELS = "/v1/models";
    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";
    private static final String PAGE_MODELS = "/cria/models";
    private static final Map<String, Set<String>> PATHS =
            Map.of("GET", Set.of(MODELS, PAGE_MODELS), "POST", Set.of(COMPLETIONS, CHAT));

    private static final int MODELS_IN_MEMORY = 4;
    private static final int WAITING_FOR_EACH_ROW = 16;
    private static final int TOKENS_PER_STEP = 256;
    /** Of the machine's memory, for keys and values of one model. */
    private static final double SHARE_OF_MEMORY = 0.15;

    private final Shelf shelf;
    private final Metrics metrics = new Metrics();

    /**
     * The models of a catalogue.
     *
     * @param maxRows completions of a model that are written side by side
     * @param memoryBytes of the machine
     */
    public ModelRoom(Catalogue catalogue, Opened.Opener opener, int maxRows, double memoryBytes) {
        this.shelf = new Shelf(catalogue, opener, MODELS_IN_MEMORY, model -> limits(model, maxRows, memoryBytes));
        metrics.watch(shelf);
    }

    private static BatchLimits limits(Opened opened, int rows, double memoryBytes) {
        var model = opened.model();
        long bytesPerPlace = 2L
                * model.config().layers()
                * model.config().heads().kvWidth()
                * model.parameters().storage().compute().bytes();
        long affordable = (long) (memoryBytes * SHARE_OF_MEMORY) / bytesPerPlace;
        // Twice as many as the rows can fill: the other half remembers what was read.
        long wanted = 2L * rows * model.config().positions();
        long places = Math.max(model.config().positions(), Math.min(wanted, affordable));
        return new BatchLimits(rows, rows * WAITING_FOR_EACH_ROW, places, TOKENS_PER_STEP);
    }

    Metrics metrics() {
        return metrics;
    }

    /** Loads the first model, so that its first request does not wait, and a broken one is told at once. */
    public void warm() {
        shelf.lease(shelf.catalogue().entries().getFirst().id()).close();
    }

    @Override
    public boolean has(String method, String path) {
        return PATHS.getOrDefault(method, Set.of()).contains(path)
                || method.equals("GET") && path.startsWith(MODELS + "/");
    }

    @Override
    public void answer(Exchange exchange) throws IOException, InterruptedException {
        String path = exchange.path();
        switch (path) {
            case MODELS -> exchange.json(models());
            case PAGE_MODELS -> exchange.json(pageModels());
            case COMPLETIONS -> complete(exchange);
            case CHAT -> chat(exchange);
            default -> exchange.json(model(path.substring(MODELS.length() + 1)));
        }
    }

    private void complete(Exchange exchange) throws IOException, InterruptedException {
        CompletionRequest asked = CompletionRequest.of(exchange.body());
        try (Shelf.Lease lease = shelf.lease(asked.wanted().model())) {
            var shape = new CompletionShape(
                    new TokenText(lease.opened().tokenizer()),
                    asked.echo(),
                    asked.likeliest().isPresent());
            var answer = new Answer(lease, asked.wanted(), shape, metrics);
            answer.ask(
                    asked.prompts(lease.opened()),
                    asked.scores(),
                    asked.likeliest().orElse(0));
            write(answer, asked.wanted(), exchange);
        }
    }

    private void chat(Exchange exchange) throws IOException, InterruptedException {
        ChatRequest asked = ChatRequest.of(exchange.body());
        try (Shelf.Lease lease = shelf.lease(asked.wanted().model())) {
            var shape = new ChatShape(new TokenText(lease.opened().tokenizer()), asked.logprobs());
            var answer = new Answer(lease, asked.wanted(), shape, metrics);
            answer.ask(List.of(asked.prompt(lease.opened())), asked.scores(), asked.likeliest());
            write(answer, asked.wanted(), exchange);
        }
    }

    private static void write(Answer answer, Wanted wanted, Exchange exchange)
            throws IOException, InterruptedException {
        var reply = new Reply(exchange, wanted.stream());
        try {
            answer.write(reply);
        } catch (RuntimeException e) {
            if (!reply.hasBegun() || e instanceof UncheckedIOException) {
                throw e;
            }
            // The status has gone out; the stream itself says what happened.
            reply.event(ApiError.failed("The answer failed: " + e.getMessage()).toJson());
        } finally {
            reply.close();
        }
    }

    private String models() {
        ArrayNode all = Json.array();
        shelf.catalogue().entries().forEach(entry -> all.add(model(entry)));
        ObjectNode json = Json.object();
        json.put("object", "list");
        json.set("data", all);
        return json.toString();
    }

    private String model(String id) {
        return model(shelf.catalogue().find(id).orElseThrow(() -> ApiError.noModel(id)))
                .toString();
    }

    private static ObjectNode model(Catalogue.Entry entry) {
        ObjectNode json = Json.object();
        json.put("id", entry.id());
        json.put("object", "model");
        json.put("created", Catalogue.created(entry));
        json.put("owned_by", "cria");
        return json;
    }

    /** The models by run and step, and the adapters. */
    private String pageModels() {
        ArrayNode all = Json.array();
        for (Catalogue.Entry entry : shelf.catalogue().entries()) {
            ObjectNode one = Json.object();
            one.put("id", entry.id());
            one.put("run", entry.run());
            if (entry.step().isPresent()) {
                one.put("step", entry.step().getAsLong());
            } else {
                one.putNull("step");
            }
            one.put("adapter", entry.adapterName());
            all.add(one);
        }
        ObjectNode json = Json.object();
        json.set("models", all);
        json.set("adapters", Json.MAPPER.valueToTree(shelf.catalogue().adapterNames()));
        json.set("templates", Json.MAPPER.valueToTree(List.of("vicuna_v1.1", "vicuna_v1.1_newlines", "chat_template")));
        return json.toString();
    }

    @Override
    public void close() {
        shelf.close();
    }
}
