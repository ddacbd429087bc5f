"""tiktoken's GPT-2 encoding from the vocabulary in jtokkit's jar, so that nothing is downloaded."""
import base64
import pathlib
import zipfile

import tiktoken

JAR = pathlib.Path.home() / ".m2/repository/com/knuddels/jtokkit/1.1.0/jtokkit-1.1.0.jar"
END = "<|endoftext|>"


def gpt2():
    lines = zipfile.ZipFile(JAR).read("com/knuddels/jtokkit/r50k_base.tiktoken").splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
    return tiktoken.Encoding(
        name="gpt2", pat_str=r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
        mergeable_ranks=ranks, special_tokens={END: 50256})
