// run.js --features: prints the proposals that this engine has, one a line.
// run.js FOLDER: reads names from standard input, one a line, and tells what the modules of these names in the folder
// do, as transcript.hpp says, in NAME.other. It prints NAME when it begins, so that who crashes or hangs is known.
// Knows nothing of what is in the modules.
'use strict';
const fs = require('fs');
const path = require('path');

const mostNotes = 3000;
const folder = process.argv[2];

class Run {
  constructor(name) {
    this.name = name;
    this.lines = [];
    this.notes = 0;
    this.log = {note: (what, high, low) => this.note(what, high, low)};
  }

  note(what, high, low) {
    if (this.notes++ >= mostNotes) return;
    this.lines.push(`${hex(what)} ${hex(high)} ${hex(low)}`);
  }

  module(suffix) {
    return new WebAssembly.Module(fs.readFileSync(path.join(folder, this.name + suffix)));
  }

  tell() {
    const guest = this.attempt(() => this.module('.wasm'), 'refused');
    if (guest === null) return this.lines;
    if (!fs.existsSync(path.join(folder, this.name + '.host.wasm'))) {
      this.lines.push('= taken');
      return this.lines;
    }
    this.lines.push('> instantiate');
    if (this.attempt(() => this.instantiate(guest), 'failed') === null) return this.lines;
    this.lines.push('= returned');
    this.seeMemories();
    this.exports.forEach((made, place) => {
      if (made.kind !== 'function') return;
      this.step(`call ${place}`);
      this.step('state');
      this.seeMemories();
    });
    return this.lines;
  }

  instantiate(guest) {
    this.imports = WebAssembly.Module.imports(guest);
    this.exports = WebAssembly.Module.exports(guest);
    this.host = new WebAssembly.Instance(this.module('.host.wasm'), {log: this.log});
    const given = {};
    this.imports.forEach((wanted, place) => {
      given[wanted.module] ??= {};
      given[wanted.module][wanted.name] = this.host.exports[place];
    });
    this.guest = new WebAssembly.Instance(guest, given);
    this.witness = new WebAssembly.Instance(this.module('.witness.wasm'), {log: this.log, guest: this.guest.exports});
    return this.witness;
  }

  step(name) {
    this.lines.push(`> ${name}`);
    this.notes = 0;
    if (this.attempt(() => { this.witness.exports[name](); return true; }, 'failed')) this.lines.push('= returned');
  }

  // What it gives; null when it ends in another way, which is told. What is no trap is of the kind `other`.
  attempt(action, other) {
    try {
      return action();
    } catch (error) {
      this.lines.push(`= ${ending(error, other)}`);
      return null;
    }
  }

  seeMemories() {
    this.exports.forEach((made, place) => {
      if (made.kind === 'memory') this.see(place, this.guest.exports[made.name]);
    });
    this.imports.forEach((wanted, place) => {
      if (wanted.kind === 'memory') this.see(place, this.host.exports[place]);
    });
  }

  see(place, memory) {
    const words = new Uint32Array(memory.buffer);
    let sum = 0;
    for (let i = 0; i < words.length; ++i) sum = Math.imul(sum ^ words[i], 0x01000193);
    this.lines.push(`m ${place} ${words.byteLength.toString(16)} ${hex(sum)}`);
  }
}

function hex(number) {
  return (number >>> 0).toString(16);
}

function ending(error, other) {
  if (error instanceof WebAssembly.RuntimeError) return `trapped: ${error.message}`;
  if (error instanceof RangeError) return `exhausted: ${error.message}`;
  if (WebAssembly.Exception !== undefined && error instanceof WebAssembly.Exception) return 'threw';
  return `${other}: ${error}`.split('\n')[0];
}

// --- which proposals there are: the sections of a small module that needs it ---

const emptyType = [0x01, 0x04, 0x01, 0x60, 0x00, 0x00];

function body(...instructions) {
  const size = instructions.length + 2;
  return [...emptyType, 0x03, 0x02, 0x01, 0x00, 0x0a, size + 2, 0x01, size, 0x00, ...instructions, 0x0b];
}

const vector = [0xfd, 0x0c, ...new Array(16).fill(0)];
const probes = {
  'simd': body(...vector, 0x1a),
  'relaxed-simd': body(...vector, ...vector, 0xfd, 0x80, 0x02, 0x1a),
  'extended-const': [0x06, 0x09, 0x01, 0x7f, 0x00, 0x41, 0x01, 0x41, 0x01, 0x6a, 0x0b],
  'tail-call': body(0x12, 0x00),
  'function-references': [0x01, 0x09, 0x02, 0x60, 0x00, 0x00, 0x60, 0x01, 0x64, 0x00, 0x00],
  'gc': [0x01, 0x03, 0x01, 0x5f, 0x00],
  'exception-handling': body(0x1f, 0x40, 0x01, 0x02, 0x00, 0x0b),
  'legacy-exceptions': body(0x06, 0x40, 0x19, 0x0b),
  'multi-memory': [0x05, 0x05, 0x02, 0x00, 0x01, 0x00, 0x01],
  'memory64': [0x05, 0x03, 0x01, 0x04, 0x01],
  'threads': [0x05, 0x04, 0x01, 0x03, 0x01, 0x01],
  'custom-page-sizes': [0x05, 0x04, 0x01, 0x08, 0x01, 0x00],
  'wide-arithmetic': body(0x42, 0, 0x42, 0, 0x42, 0, 0x42, 0, 0xfc, 0x13, 0x1a, 0x1a),
};

function tellFeatures() {
  for (const [name, sections] of Object.entries(probes)) {
    const bytes = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, ...sections]);
    if (WebAssembly.validate(bytes)) console.log(name);
  }
}

function tellRuns() {
  let count = 0;
  for (const name of fs.readFileSync(0, 'utf8').split('\n').filter((line) => line !== '')) {
    fs.writeSync(1, `${name}\n`);
    const lines = new Run(name).tell();
    fs.writeFileSync(path.join(folder, `${name}.other`), [...lines, ''].join('\n'));
    if (++count % 20 === 0 && globalThis.gc) globalThis.gc();  // memories reserve much of the address space
  }
}

folder === '--features' ? tellFeatures() : tellRuns();
