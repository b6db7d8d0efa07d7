import { join, win32 } from 'node:path';

/** What a service manager needs to start the registry at login. */
export interface ServiceProgram {
  /** Absolute path of Node. */
  node: string;
  /** Absolute path of the command's script. */
  script: string;
  dataFolder: string;
}

/** A file for the service manager of a platform, and the commands that make it take effect. */
export interface ServiceFile {
  path: string;
  text: string;
  /** Started in this order after the file is written. */
  enable: string[][];
  /** Started before the file is removed. */
  disable: string[][];
  /** Exits with 0 while the service runs. */
  isActive: string[];
}

const label = 'dev.plinth.registry';

/** Returns the file for a platform: a systemd user unit, a launchd agent, or a task of Windows. Undefined for others. */
export function serviceFileFor(
  platform: NodeJS.Platform,
  home: string,
  program: ServiceProgram,
  env: NodeJS.ProcessEnv,
): ServiceFile | undefined {
  if (platform === 'linux') return systemdService(env['XDG_CONFIG_HOME'] || join(home, '.config'), program);
  if (platform === 'darwin') return launchdAgent(home, program);
  return platform === 'win32' ? windowsTask(program) : undefined;
}

function wordsOf({ node, script, dataFolder }: ServiceProgram): string[] {
  return [node, script, '--data', dataFolder, 'serve', '--quiet'];
}

function systemdService(config: string, program: ServiceProgram): ServiceFile {
  const systemctl = (...args: string[]): string[] => ['systemctl', '--user', ...args];
  return {
    path: join(config, 'systemd', 'user', 'plinth.service'),
    text: `[Unit]
Description=Plinth model registry

[Service]
ExecStart=${systemdCommand(wordsOf(program))}
Restart=on-failure
RestartSec=5
# The exit code of a service that finds another one on its data folder.
RestartPreventExitStatus=75

[Install]
WantedBy=default.target
`,
    enable: [systemctl('daemon-reload'), systemctl('enable', '--now', 'plinth.service')],
    disable: [systemctl('disable', '--now', 'plinth.service')],
    isActive: systemctl('is-active', '--quiet', 'plinth.service'),
  };
}

/**
 * Writes a command of a unit. systemd takes no path of a program with quotes or backslashes, and keeps `$$` in one, so such a program
 * is started by env.
 */
function systemdCommand(words: readonly string[]): string {
  const isPlain = !/["'\\$]/.test(words[0] ?? '');
  return [...(isPlain ? [] : ['/usr/bin/env']), ...words].map(systemdWord).join(' ');
}

/** Quotes a word of a unit, where `%` and `$` have meanings of their own (systemd.service(5)). */
function systemdWord(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return `"${escaped}"`;
}

function launchdAgent(home: string, program: ServiceProgram): ServiceFile {
  const path = join(home, 'Library', 'LaunchAgents', `${label}.plist`);
  const words = wordsOf(program).map((word) => `    <string>${xmlText(word)}</string>`);
  return {
    path,
    text: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${label}</string>
  <key>ProgramArguments</key>
  <array>
${words.join('\n')}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
</dict>
</plist>
`,
    enable: [['launchctl', 'load', '-w', path]],
    disable: [['launchctl', 'unload', '-w', path]],
    isActive: ['launchctl', 'list', label],
  };
}

function windowsTask(program: ServiceProgram): ServiceFile {
  const path = win32.join(program.dataFolder, 'plinth-task.xml');
  const [command = '', ...words] = wordsOf(program);
  return {
    path,
    text: `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>3</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>${xmlText(command)}</Command>
      <Arguments>${xmlText(words.map(windowsWord).join(' '))}</Arguments>
    </Exec>
  </Actions>
</Task>
`,
    enable: [
      ['schtasks', '/create', '/f', '/tn', 'Plinth', '/xml', path],
      ['schtasks', '/run', '/tn', 'Plinth'],
    ],
    disable: [
      ['schtasks', '/end', '/tn', 'Plinth'],
      ['schtasks', '/delete', '/f', '/tn', 'Plinth'],
    ],
    isActive: ['schtasks', '/query', '/tn', 'Plinth'],
  };
}

/** Quotes an argument as Windows programs split them: a backslash counts only before a quote. */
function windowsWord(word: string): string {
  return `"${word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
