#!/usr/bin/env node
// Plain JavaScript on purpose: it must run on whatever Node the PATH has, and hands over to the packaged one.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const major = Number(process.versions.node.split('.')[0]);
const entry = new URL('../cli/src/main.ts', import.meta.url);
const packaged = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
const flags = ['--disable-warning=ExperimentalWarning'];
const isPackaged = existsSync(packaged) && realpathSync(packaged) === realpathSync(process.execPath);

if (isPackaged || (major >= neededMajor && !existsSync(packaged))) {
  await import(entry.href);
} else if (!existsSync(packaged)) {
  process.stderr.write(`Porchlight needs Node ${neededMajor}; this is ${process.versions.node}. Run: npm ci\n`);
  process.exit(2);
} else {
  // The channel tells the packaged Node when this process is gone, however it went.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(packaged, [...flags, fileURLToPath(entry), ...process.argv.slice(2)], { stdio });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`Cannot start ${packaged}: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
