"""Tokenizers like the published ones, of their true size, made of what is at hand.

CLIP's own vocabulary can't be had here. How much text becomes how many tokens matters to a
measurement, and so does the size of the file; which number a word has does not. So this is CLIP's
scheme (lower case, a byte-level BPE with marked ends of words, the two marks last) trained on the
demo shop's words, and filled up to CLIP's size with invented ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from scripts.demo.catalogue import products

CLIP_SIZE = 49_408
START, END = "<|startoftext|>", "<|endoftext|>"
UNKNOWN, BEGIN, SEPARATE = "[UNK]", "[CLS]", "[SEP]"

_END_OF_WORD = "</w>"
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
_OFTEN = 50
"""How often the shop's words are said beside the invented ones: they must become tokens first."""
_INVENTED = 120_000
_PIECES = 20_000
_LETTERS = [chr(number) for number in range(0x21, 0x250) if chr(number).isprintable()]
"""What a tokenizer must know to spell a European word that it was never shown."""
_SYLLABLES = [
    "ba be bi bo bu ca de do fa ge gra ha in ka la lo ma me mi mo na ne no or pa pe "
    "po ra re ri ro sa se shi so sta ta te thi to tra un va ve vi wa wo ya ze",
    "ä ö ü ß é è ê ç ñ å ø ą ł ő š ž schö grü für né garçon mañ blå żół",
    "α λα με νο πα ρι στο τη φο χρω κό μα",
    "ба во да жёл зе ка крас лы ма но пла рю сум та ты чер ный ша",
    "ال با تا حم راء سو ود قم يص",
    "ला ल नी ला क मी ज बै ग जू ता",
    "เสื้ อ สี แดง น้ำ เงิน",
    "红 色 的 连 衣 裙 蓝 包 鞋 子 黑 白",
    "あ か い ド レ ス 青 バ ッ グ の",
    "빨 간 색 가 방 파 란 원 피 스",
]


def clip() -> Tokenizer:
    tokenizer = _clip(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=CLIP_SIZE,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix=_END_OF_WORD,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(), trainer)
    merges = [(left, right) for left, right in json.loads(tokenizer.to_str())["model"]["merges"]]
    return assembled(merges)


def multilingual() -> Tokenizer:
    """WordPiece that minds case, as multilingual BERT's does, of a few scripts."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    marks = ["[PAD]", UNKNOWN, BEGIN, SEPARATE, "[MASK]"]
    trainer = trainers.WordPieceTrainer(
        vocab_size=_PIECES, special_tokens=marks, initial_alphabet=_LETTERS, show_progress=False
    )
    tokenizer.train_from_iterator(_texts(), trainer)
    known = tokenizer.get_vocab()
    tokenizer.post_processor = processors.BertProcessing(
        (SEPARATE, known[SEPARATE]), (BEGIN, known[BEGIN])
    )
    return tokenizer


def assembled(merges: list[tuple[str, str]]) -> Tokenizer:
    """CLIP's order of tokens: bytes, bytes that end a word, merged pairs, the marks."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = dict.fromkeys([*alphabet, *(byte + _END_OF_WORD for byte in alphabet)])
    kept = []
    for left, right in merges:
        if len(tokens) == CLIP_SIZE - 2:
            break
        kept.append((left, right))
        tokens[left + right] = None
    tokens |= dict.fromkeys(f"<|{number}|>" for number in range(CLIP_SIZE - 2 - len(tokens)))
    vocabulary = {token: number for number, token in enumerate([*tokens, START, END])}
    model = models.BPE(
        vocab=vocabulary,
        merges=kept,
        unk_token=END,
        continuing_subword_prefix="",
        end_of_word_suffix=_END_OF_WORD,
    )
    tokenizer = _clip(model)
    tokenizer.add_special_tokens([START, END])
    tokenizer.post_processor = processors.RobertaProcessing(
        (END, vocabulary[END]), (START, vocabulary[START]), trim_offsets=False
    )
    return tokenizer


def _clip(model: models.Model) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFC(),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Lowercase(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _texts() -> Iterator[str]:
    for product in products():
        for _ in range(_OFTEN):
            yield f"a photo of a {product.name}. {product.description} {product.category}"
    random = np.random.RandomState(5)
    for syllables in _SYLLABLES:
        known = syllables.split()
        for _ in range(_INVENTED // len(_SYLLABLES)):
            yield "".join(random.choice(known, random.randint(1, 6)))
