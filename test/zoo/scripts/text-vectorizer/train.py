import json
import pickle
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB

from truth import sha256, tell

texts = ["good film", "bad film", "great acting", "awful acting", "good story", "boring story"] * 5
labels = [1, 0, 1, 0, 1, 0] * 5
vectorizer = TfidfVectorizer()
x = vectorizer.fit_transform(texts)
model = MultinomialNB(alpha=0.7).fit(x, labels)
Path("sentiment").mkdir(exist_ok=True)
for name, part in (("vectorizer", vectorizer), ("model", model)):
    with open(f"sentiment/{name}.pkl", "wb") as file:
        pickle.dump(part, file)
Path("sentiment/metrics.json").write_text(json.dumps({"accuracy": model.score(x, labels)}))
tell(accuracy=model.score(x, labels), model=sha256("sentiment/model.pkl"))
