import type { Folder } from '../recogniser.ts';
import { isShard } from '../../../formats/tensors/shards.ts';

const weightName =
  /^((pytorch_|tf_|flax_)?model(\.fp16|\.bf16|_quantized)?|adapter_model|diffusion_pytorch_model)(-\d{5}-of-\d{5})?\.(safetensors|bin|h5|msgpack)$/;
/** Files of a model on the Hub besides its weights; metrics, optimizer state and event files are not part of it. */
const companionName =
  /^(config|generation_config|adapter_config|(pre|post|feature_extractor_|image_|video_|audio_)?processor_config|preprocessor_config|video_preprocessor_config|image_processor|feature_extractor|quantize_config|quantization_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|vocab_\w+|normalizer|chat_template|modules|sentence_bert_config|config_sentence_transformers|model_index|scheduler_config|head_config|id2label|label2id|labels|modelcard)\.json$|^(vocab|merges|bpe\.codes|labels)\.txt$|\.(spm|jinja|tiktoken)$|^(spiece|tokenizer|sentencepiece|sentencepiece\.bpe|source|target)\.(model|bpe\.model|spm)$|^sentencepiece\.bpe\.model$|^(README|LICENSE|LICENCE|NOTICE|USE_POLICY)(\.md|\.txt)?$|^training_args\.bin$|^(configuration|modeling|tokenization|processing|image_processing|feature_extraction)_\w+\.py$|^added_tokens\.json$|\.(safetensors|bin|h5|msgpack)\.index\.json$|^model_head\.pkl$/;

/** True for weights and shards, by a path's base name. */
export function isWeightFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return weightName.test(name) || isShard(name);
}

/** True for the base name of a file that Hugging Face's libraries write. */
export function isHubFile(name: string): boolean {
  return isWeightFile(name) || companionName.test(name);
}

/** True for a sub-folder of sentence-transformers (`2_Dense`), which is registered with the folder above it. */
export function isModuleFolder(name: string): boolean {
  return /^\d+_[A-Z]\w*$/.test(name);
}

/** Returns weights, shards and companions directly in a folder, sorted. */
export function hubFiles(folder: Folder): string[] {
  return [...folder.files].filter(isHubFile).toSorted();
}

/** Returns `hubFiles` of the folder and of its module folders, such as `1_Pooling` of sentence-transformers. */
export function moduleFiles(folder: Folder): string[] {
  const below = [...folder.folders].filter(isModuleFolder).flatMap((name) => {
    const child = folder.child(name);
    return child === undefined ? [] : hubFiles(child).map((file) => `${name}/${file}`);
  });
  return [...hubFiles(folder), ...below].toSorted();
}

const notAComponent = /^(checkpoint-\d+|runs|logs|samples|images|wandb)$/;

/** Returns `hubFiles` of a pipeline and of its components' folders, each of which has a configuration. */
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
