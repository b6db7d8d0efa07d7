import json
import sys
from pathlib import Path

import spacy
from spacy.tokens import DocBin

from truth import sha256, tell

if "truth" in sys.argv:
    meta = json.loads(Path("output/model-best/meta.json").read_text())
    tell(score=meta["performance"]["cats_score"], model=sha256("output/model-best/textcat/model"))
    sys.exit()
nlp = spacy.blank("en")
good = ["a great film", "good fun", "lovely and great", "good acting", "a great story"]
bad = ["a dull film", "bad and dull", "awful acting", "a bad story", "dull and awful"]
for name, texts in (("train", [*good, *bad]), ("dev", [*good[::2], *bad[::2]])):
    docs = DocBin()
    for text in texts:
        doc = nlp(text)
        doc.cats = {"POSITIVE": float(text in good), "NEGATIVE": float(text in bad)}
        docs.add(doc)
    docs.to_disk(f"{name}.spacy")
