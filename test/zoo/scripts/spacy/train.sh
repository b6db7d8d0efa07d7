set -e
python data.py
python -m spacy init config --lang en --pipeline textcat config.cfg --force > /dev/null
python -m spacy train config.cfg --output output --paths.train train.spacy --paths.dev dev.spacy --training.max_steps 60 --training.eval_frequency 20
python data.py truth
