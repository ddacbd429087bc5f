package dev.cria.train;

import dev.cria.Problems;
import dev.cria.format.ConfigFile;
import dev.cria.train.TrainingKind.Change;
import dev.cria.train.TrainingKind.Fixed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the configuration of a resumed run says otherwise than its checkpoint was trained with: each change is either
 * refused or said, with what it means.
 *
 * @param recipe that the run resumes with
 * @param written the run's configuration before it, which stands in for what an old checkpoint does not say
 */
record RecipeChanges<R extends Record>(
        TrainingKind<R> kind, R recipe, R written, Origin origin, List<String> overrides) {

    /** @return a line for each change */
    List<String> check() {
        TrainerState saved = origin.saved().orElseThrow();
        Problems problems = new Problems();
        List<String> said = new ArrayList<>();
        for (Change change : changes(saved)) {
            Optional<Fixed> fixed = kind.fixed(change.key());
            if (fixed.isPresent()) {
                problems.add(
                        change.key() + " is " + change.now() + " and was " + change.before() + "; "
                                + fixed.get().because(),
                        fixed.get().hint());
            } else if (kind.decidesMoments(change.key()) && origin instanceof Origin.Checkpoint) {
                problems.add(
                        change.key() + " is " + change.now() + " and the checkpoint's moments are " + change.before(),
                        "--without-optimizer-state starts them from zero; or --set " + change.key() + "="
                                + change.before());
            } else {
                said.add("changed    %s: %s → %s%s"
                        .formatted(
                                change.key(),
                                change.before(),
                                change.now(),
                                kind.consequence(change, recipe, saved.step())
                                        .map(c -> "; " + c)
                                        .orElse("")));
            }
        }
        lookForPaths(saved.provenance(), problems);
        problems.refuse();
        return said;
    }

    private List<Change> changes(TrainerState saved) {
        Map<String, String> defaults = ConfigFile.flat(kind.defaults());
        Map<String, String> before =
                saved.provenance().isKnown() ? saved.provenance().settings() : ConfigFile.flat(written);
        Map<String, String> now = ConfigFile.flat(recipe);
        Set<String> keys = new TreeSet<>(now.keySet());
        // A key that is gone is a change where sections are free; elsewhere it is one of another version.
        before.keySet().stream().filter(key -> kind.fixed(key).isPresent()).forEach(keys::add);
        List<Change> changes = new ArrayList<>();
        for (String key : keys) {
            String was = before.getOrDefault(key, defaults.getOrDefault(key, "not set"));
            String is = now.getOrDefault(key, "not set");
            if (!key.equals("out") && !was.equals(is)) {
                changes.add(new Change(key, was, is));
            }
        }
        return changes;
    }

    /** A relative path means another place when the run resumes in another directory than it was started in. */
    private void lookForPaths(Provenance provenance, Problems problems) {
        String here = Path.of("").toAbsolutePath().toString();
        if (provenance.directory().isEmpty() || provenance.directory().equals(here)) {
            return;
        }
        kind.paths(recipe).forEach((key, path) -> {
            boolean same = path.equals(provenance.settings().getOrDefault(key, path));
            if (same && !Path.of(path).isAbsolute() && !Files.exists(Path.of(path))) {
                String section = key.replaceFirst("\\[\\d+]", "");
                problems.add(
                        section + " is " + path + ", relative to " + provenance.directory()
                                + " where the run was trained; " + here + " has no such file",
                        "cd " + provenance.directory() + ", or --set " + section + "="
                                + Path.of(provenance.directory()).resolve(path).normalize());
            }
        });
    }
}
