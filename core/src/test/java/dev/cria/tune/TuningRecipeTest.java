package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TuningRecipeTest {

    @Test
    void defaultsAreThePapersRecipe() {
        assertThat(ConfigFile.toYaml(TuningRecipe.defaults())).isEqualTo("""
            model: ""
            tokenizer: auto
            out: runs/tuned
            lora:
              rank: 128
              alpha: 16.0
              dropout: 0.0
              targets:
              - q_proj
              - k_proj
              - v_proj
              - o_proj
              - gate_proj
              - up_proj
              - down_proj
            data:
              files: []
              weights: []
              template: vicuna_v1.1
              loss_on: response
              max_length: 1024
              shuffle: true
              packing: false
            batch:
              micro_batch: 32
              accumulation: 16
            optimizer:
              kind: adamw
              betas:
              - 0.9
              - 0.999
              eps: 1.0E-8
              weight_decay: 0.0
              grad_clip: 1.0
              state: int8
              momentum: 0.95
              adamw_learning_rate: null
            schedule:
              kind: linear
              learning_rate: 5.0E-5
              min_learning_rate: 0.0
              warmup_steps: 5
              steps: 400
              decay_steps: 0
            precision:
              compute: auto
              base: auto
              recompute: none
            parallel:
              reproducible: false
              shard: none
            checkpoint:
              every: 50
              keep: 3
              keep_every: 0
              keep_steps: []
              keep_log: false
              weights_only: false
              async: true
            log:
              tensorboard: true
              csv: false
              profile: false
            kernels: auto
            guard:
              skip_nonfinite: 3
              spike_sigma: 6.0
            seed: 1337
            device: auto
            """);
    }

    @Test
    void ratesAreHuggingFaces() {
        var rates = TuningRecipe.defaults().rates();
        assertThat(rates.at(0)).isZero();
        assertThat(rates.at(1)).isEqualTo(1e-5);
        assertThat(rates.at(5)).isEqualTo(5e-5);
        assertThat(rates.at(399)).isEqualTo(5e-5 / 395);
        assertThat(rates.at(400)).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lora.rank=0            | lora.rank is 0, not at least 1",
                "lora.dropout=0.1       | lora.dropout is 0.1; only 0 is supported",
                "lora.targets=[lm_head] | lora.targets is [lm_head]; each must be one of q_proj, k_proj",
                "data.max_length=1      | max_length is 1, not at least 2",
                "batch.micro_batch=0    | micro_batch is 0 and accumulation 16, not both at least 1",
                "lora.rang=8            | unknown key lora.rang",
                "precision.base=int4    | precision.base is int4, not auto or fp32 or bf16 or int8"
            })
    void whatCannotBeIsRefused(String setting, String problem) {
        assertThatThrownBy(() -> ConfigFile.defaults(TuningRecipe.defaults(), List.of(setting.strip())))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining(problem.strip());
    }
}
