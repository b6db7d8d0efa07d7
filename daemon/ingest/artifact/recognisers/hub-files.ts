import type { Folder } from '../recogniser.ts';
import { isShard } from '../../../formats/tensors/shards.ts';

const weightName =
  /^((pytorch_|tf_|flax_)?model(\.fp16|\.bf16|_quantized)?|adapter_model|diffusion_pytorch_model)(-\d{5}-of-\d{5})?\.(safetensors|bin|h5|msgpack)$/;
/** Files that belong to a model on the Hub, beside its weights; metrics, optimizer state and event files do not. */
const companionName =
  /^(config|generation_config|adapter_config|(pre|post|feature_extractor_|image_|video_|audio_)?processor_config|preprocessor_config|video_preprocessor_config|image_processor|feature_extractor|quantize_config|quantization_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|vocab_\w+|normalizer|chat_template|modules|sentence_bert_config|config_sentence_transformers|model_index|scheduler_config|head_config|id2label|label2id|labels|modelcard)\.json$|^(vocab|merges|bpe\.codes|labels)\.txt$|\.(spm|jinja|tiktoken)$|^(spiece|tokenizer|sentencepiece|sentencepiece\.bpe|source|target)\.(model|bpe\.model|spm)$|^sentencepiece\.bpe\.model$|^(README|LICENSE|LICENCE|NOTICE|USE_POLICY)(\.md|\.txt)?$|^training_args\.bin$|^(configuration|modeling|tokenization|processing|image_processing|feature_extraction)_\w+\.py$|^added_tokens\.json$|\.(safetensors|bin|h5|msgpack)\.index\.json$|^model_head\.pkl$/;

/** True for weights and shards, by the base name of a path. */
export function isWeightFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return weightName.test(name) || isShard(name);
}

/** True for the base name of a file that Hugging Face's libraries write. */
export function isHubFile(name: string): boolean {
  return isWeightFile(name) || companionName.test(name);
}

/** A sub-folder of sentence-transformers (`2_Dense`), which is registered with the folder above it. */
export function isModuleFolder(name: string): boolean {
  return /^\d+_[A-Z]\w*$/.test(name);
}

/** Weights, shards and their companions directly in a folder, sorted. */
export function hubFiles(folder: Folder): string[] {
  return [...folder.files].filter(isHubFile).toSorted();
}

/** `hubFiles` of the folder and of those below it that hold the parts of a sentence-transformers model, such as `1_Pooling`. */
export function moduleFiles(folder: Folder): string[] {
  const below = [...folder.folders].filter(isModuleFolder).flatMap((name) => {
    const child = folder.child(name);
    return child === undefined ? [] : hubFiles(child).map((file) => `${name}/${file}`);
  });
  return [...hubFiles(folder), ...below].toSorted();
}

const notAComponent = /^(checkpoint-\d+|runs|logs|samples|images|wandb)$/;

/** `hubFiles` of a pipeline and of the folders of its components, which have a configuration each. */
export function pipelineFiles(folder: Folder): string[] {
  const below = [...folder.folders]
    .filter((name) => !notAComponent.test(name))
    .flatMap((name) => {
      const child = folder.child(name);
      const files = child === undefined ? [] : hubFiles(child);
      return files.some((file) => file.endsWith('.json')) ? files.map((file) => `${name}/${file}`) : [];
    });
  return [...hubFiles(folder), ...below].toSorted();
}
