import type { Command } from 'commander';
import { UsageError } from '../exit.ts';
import type { Open } from '../session.ts';

/** Scripts that ask the program (`plinth __complete`) for what may follow. No name is ever evaluated by the shell. */
const scripts: Record<string, string> = {
  bash: `# eval "$(plinth completion bash)" in ~/.bashrc
_plinth() {
  local line="\${COMP_LINE:0:COMP_POINT}" word prefix candidate
  local -a words
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  word="\${words[\${#words[@]}-1]}"
  prefix=""
  [[ "$word" == *[@:=]* ]] && prefix="\${word%"\${word##*[@:=]}"}"
  COMPREPLY=()
  while IFS= read -r candidate; do COMPREPLY+=("\${candidate#"$prefix"}"); done \\
    < <(plinth __complete "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default 2>/dev/null
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *@ ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _plinth plinth`,
  zsh: `# eval "$(plinth completion zsh)" in ~/.zshrc, after compinit
_plinth() {
  local -a found
  found=("\${(@f)$(plinth __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if (( ! \${#found[@]} )) || [[ -z "\${found[1]}" ]]; then _files; return; fi
  compadd -Q -S '' -- "\${(@M)found:#*@}"
  compadd -Q -- "\${(@)found:#*@}"
}
compdef _plinth plinth`,
  fish: `# plinth completion fish > ~/.config/fish/completions/plinth.fish
function __plinth_complete
  set -l words (commandline -opc)
  set -l word (commandline -ct | string replace -r '^["\\']' '')
  set -l found (plinth __complete $words[2..-1] "$word" 2>/dev/null)
  if test (count $found) -gt 0
    string join \\n -- $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c plinth -f -a '(__plinth_complete)'`,
  // An empty argument is dropped by Windows PowerShell, a blank one is not.
  powershell: `# plinth completion powershell | Out-String | Invoke-Expression in $PROFILE
Register-ArgumentCompleter -Native -CommandName plinth -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $before = $commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition }
  $words = @($before | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += ' ' }
  plinth __complete @words 2>$null | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}`,
};

export function completion(program: Command, open: Open): void {
  program
    .command('completion <shell>')
    .description(`print a script that completes commands, models and versions: ${Object.keys(scripts).join(', ')}`)
    .action((shell: string) => {
      const session = open();
      const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
      if (script === undefined)
        throw new UsageError(`There is no completion for ${shell}. Choose one of ${Object.keys(scripts).join(', ')}.`);
      session.print({ shell, script }, () => [script]);
    });
}
