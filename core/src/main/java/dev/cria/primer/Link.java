package dev.cria.primer;

import java.util.Optional;
import net.sf.extjwnl.data.PointerType;

/** The relations of WordNet that lessons are made from. */
enum Link {
    HYPERNYM,
    INSTANCE_OF,
    HYPONYM,
    HAS_PART,
    PART_OF,
    HAS_SUBSTANCE,
    MEMBER_OF,
    HAS_MEMBER,
    ANTONYM,
    SIMILAR,
    ATTRIBUTE,
    ENTAILS,
    CAUSES,
    TOPIC,
    USAGE;

    /** WordNet calls a pointer by its target: a meronym pointer leads to a part. */
    static Optional<Link> of(PointerType type) {
        return Optional.ofNullable(
                switch (type) {
                    case HYPERNYM -> HYPERNYM;
                    case INSTANCE_HYPERNYM -> INSTANCE_OF;
                    case HYPONYM, INSTANCES_HYPONYM -> HYPONYM;
                    case PART_MERONYM -> HAS_PART;
                    case PART_HOLONYM -> PART_OF;
                    case SUBSTANCE_MERONYM -> HAS_SUBSTANCE;
                    case MEMBER_HOLONYM -> MEMBER_OF;
                    case MEMBER_MERONYM -> HAS_MEMBER;
                    case ANTONYM -> ANTONYM;
                    case SIMILAR_TO -> SIMILAR;
                    case ATTRIBUTE -> ATTRIBUTE;
                    case ENTAILMENT -> ENTAILS;
                    case CAUSE -> CAUSES;
                    case CATEGORY -> TOPIC;
                    case USAGE -> USAGE;
                    default -> null;
                });
    }
}
