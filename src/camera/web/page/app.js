// SPDX-License-Identifier: GPL-2.0-or-later
'use strict';
const $ = id => document.getElementById(id);
let session = null;

/* --- the API --- */

async function api(method, path, body) {
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (session) headers['X-CSRF-Token'] = session.csrf;
  const reply = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await reply.text();
  let said;
  try { said = JSON.parse(text); } catch { said = { error: text.trim() }; }
  if (reply.ok) return said;
  if (reply.status === 401 && session) { session = null; live.stop(); showDoor(); }
  let error = said.error || `the camera answered ${reply.status}`;
  if (said.wait_ms) error += ` ${Math.ceil(said.wait_ms / 1000)} s`;
  throw new Error(error);
}

/* A form's submit, with what went wrong shown in it. */
function onSubmit(form, act) {
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const error = form.querySelector('.error');
    const button = form.querySelector('button.main');
    if (error) error.textContent = '';
    button.disabled = true;
    try { await act(new FormData(form), form); }
    catch (e) { if (error) error.textContent = e.message; }
    button.disabled = false;
  });
}

/* --- the door --- */

async function showDoor() {
  const said = await api('GET', 'api/v1/session');
  for (const part of document.querySelectorAll('main > section')) part.hidden = part.id !== 'door';
  $('tabs').hidden = true;
  showForm(said.setup ? 'setup' : 'login');
}

function showForm(id) {
  $('login').hidden = id !== 'login';
  $('setup').hidden = id !== 'setup';
  $(id).querySelector('input[type=password]').focus();
}

onSubmit($('login'), async (data, form) => {
  session = await api('POST', 'api/v1/session', { user: data.get('user'), password: data.get('password') });
  form.reset();
  enter();
});

onSubmit($('setup'), async (data, form) => {
  if (data.get('password') !== data.get('again')) throw new Error('the two passwords differ');
  session = await api('POST', 'api/v1/setup', { password: data.get('password') });
  form.reset();
  enter();
});

$('have-one').addEventListener('click', () => showForm('login'));
$('logout').addEventListener('click', async () => {
  await api('DELETE', 'api/v1/session');
  session = null;
  live.stop();
  showDoor();
});

/* --- tabs --- */

const tabs = [...document.querySelectorAll('[role=tab]')];

function select(tab) {
  for (const other of tabs) {
    const on = other === tab;
    other.setAttribute('aria-selected', on);
    other.tabIndex = on ? 0 : -1;
    $(other.getAttribute('aria-controls')).hidden = !on;
  }
  const part = tab.getAttribute('aria-controls');
  if (part === 'live') live.start(); else live.stop();
  if (part === 'settings') showSettings();
  if (part === 'users') showUsers();
  if (part === 'about') showAbout();
}

for (const tab of tabs) {
  tab.addEventListener('click', () => select(tab));
  tab.addEventListener('keydown', event => {
    const shown = tabs.filter(t => !t.hidden);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = shown[(shown.indexOf(tab) + step + shown.length) % shown.length];
    next.focus();
    select(next);
  });
}

async function enter() {
  $('door').hidden = true;
  $('tabs').hidden = false;
  const administers = session.role === 'administer';
  $('tab-settings').hidden = $('tab-users').hidden = !administers;
  const status = await api('GET', 'api/v1/status');
  document.title = $('name').textContent = status.name;
  $('which').hidden = status.streams.length < 2;
  select($('tab-live'));
}

/* --- the live picture: fragmented MP4 over a WebSocket, else MJPEG --- */

const live = {
  socket: null, media: null, buffer: null, queue: [], age: 0, retry: 0, timer: 0, running: false,

  start() {
    if (this.running) return;
    this.running = true;
    this.retry = 0;
    this.connect();
    this.meter = setInterval(() => this.measure(), 500);
  },

  stop() {
    this.running = false;
    clearInterval(this.meter);
    clearTimeout(this.timer);
    if (this.socket) { this.socket.onclose = null; this.socket.close(); this.socket = null; }
    this.forget();
    $('mjpeg').removeAttribute('src');
    $('latency').textContent = '';
  },

  forget() {
    const video = $('video');
    if (video.src) URL.revokeObjectURL(video.src);
    video.removeAttribute('src');
    video.load();
    this.media = this.buffer = null;
    this.queue = [];
  },

  connect() {
    say('Connecting …');
    const Source = window.ManagedMediaSource || window.MediaSource;
    if (!Source) return this.mjpeg();
    const socket = this.socket = new WebSocket(`wss://${location.host}/live/${$('which').value}`, 'live');
    socket.binaryType = 'arraybuffer';
    socket.onmessage = event => {
      if (typeof event.data === 'string') this.announce(Source, JSON.parse(event.data));
      else this.take(event.data);
    };
    socket.onclose = () => {
      if (!this.running) return;
      this.forget();
      say('The camera does not answer; trying again …');
      this.timer = setTimeout(() => this.connect(), Math.min(1000 * 2 ** this.retry++, 15000));
    };
  },

  announce(Source, what) {
    const type = `video/mp4; codecs="${what.codec}"`;
    if (!Source.isTypeSupported(type)) {
      this.socket.onclose = null;
      this.socket.close();
      return this.mjpeg();
    }
    this.forget();
    $('video').hidden = false;
    $('mjpeg').hidden = true;
    $('stage').style.aspectRatio = `${what.width}/${what.height}`;
    const media = this.media = new Source();
    media.addEventListener('sourceopen', () => {
      if (this.media !== media) return;
      this.buffer = media.addSourceBuffer(type);
      this.buffer.mode = 'segments';
      this.buffer.addEventListener('updateend', () => this.feed());
      this.feed();
    }, { once: true });
    $('video').disableRemotePlayback = true;
    $('video').src = URL.createObjectURL(media);
  },

  take(message) {
    const head = new DataView(message);
    if (head.getUint32(0) === 1) { this.age = head.getUint32(4); this.retry = 0; say(''); }
    this.queue.push(new Uint8Array(message, 8));
    this.feed();
  },

  feed() {
    const { buffer, media } = this;
    const video = $('video');
    if (!buffer || buffer.updating || media.readyState !== 'open' || video.error) {
      if (video.error && this.socket) this.socket.close();
      return;
    }
    const end = buffer.buffered.length ? buffer.buffered.end(buffer.buffered.length - 1) : 0;
    if (end - video.currentTime > 0.6 || (end && video.currentTime < buffer.buffered.start(0)))
      video.currentTime = Math.max(end - 0.05, 0);
    if (end > 30 && buffer.buffered.start(0) < end - 20) { buffer.remove(0, end - 10); return; }
    const next = this.queue.shift();
    if (next) {
      buffer.appendBuffer(next);
      if (video.paused) video.play().catch(() => {});
    }
  },

  measure() {
    const video = $('video');
    const { buffer } = this;
    if (!buffer || !buffer.buffered.length) return;
    const behind = buffer.buffered.end(buffer.buffered.length - 1) - video.currentTime;
    const ms = Math.round(this.age + behind * 1000);
    $('latency').textContent = `${ms} ms behind`;
    /* Players drift; a little faster until it is near the edge again. */
    video.playbackRate = behind > 0.3 ? 1.1 : 1;
  },

  mjpeg() {
    $('video').hidden = true;
    $('mjpeg').hidden = false;
    $('mjpeg').onload = () => say('');
    $('mjpeg').onerror = () => say('The picture does not come.');
    $('mjpeg').src = `stream.mjpg?stream=${$('which').value}`;
    $('latency').textContent = 'MJPEG';
  },
};

function say(text) { $('message').textContent = text; }

$('which').addEventListener('change', () => { live.stop(); live.start(); });
$('full').addEventListener('click', () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else if ($('stage').requestFullscreen) $('stage').requestFullscreen();
  else if ($('video').webkitEnterFullscreen) $('video').webkitEnterFullscreen();
});
$('snapshot').addEventListener('click', () => {
  const link = document.createElement('a');
  link.href = `cgi-bin/downloadpic.cgi?stream=${$('which').value}`;
  link.download = '';
  link.click();
});

/* --- settings --- */

let before = {};

/* What stands beside a setting: sentences, and the forms of its value where it has several. */
function helpOf(one) {
  const help = document.createElement('div');
  const text = document.createElement('p');
  text.textContent = one.help.replaceAll('\n', ' ') + (one.at_start ? ' A change is taken by the next start.' : '');
  help.append(text);
  if (one.forms.length) {
    const list = document.createElement('dl');
    list.append(...one.forms.flatMap(({ form, meaning }) => {
      const term = document.createElement('dt');
      const value = document.createElement('dd');
      term.textContent = form;
      value.textContent = meaning;
      return [term, value];
    }));
    help.append(list);
  }
  help.className = 'help';
  help.id = `help-${one.section}.${one.key}`;
  return help;
}

async function showSettings() {
  const all = await api('GET', 'api/v1/settings');
  const groups = new Map();
  before = {};
  for (const one of all) {
    const name = `${one.section}.${one.key}`;
    before[name] = one.value;
    if (!groups.has(one.section)) groups.set(one.section, []);
    const input = document.createElement('input');
    const label = document.createElement('label');
    const help = helpOf(one);
    input.name = name;
    input.value = one.value;
    input.placeholder = one.default || 'none';
    if (one.type === 'number') {
      input.type = 'number';
      input.min = one.min;
      input.max = one.max;
      input.inputMode = 'numeric';
      input.required = true;
    } else {
      input.maxLength = one.max;
      input.required = one.min > 0;
      input.autocapitalize = 'off';
      input.spellcheck = false;
    }
    input.setAttribute('aria-describedby', help.id);
    label.append(one.unit ? `${one.label} (${one.unit})` : one.label, input);
    groups.get(one.section).push(label, help);
  }
  $('settings-fields').replaceChildren(...[...groups].map(([section, fields]) => {
    const card = document.createElement('div');
    const title = document.createElement('h2');
    card.className = 'card';
    title.textContent = { camera: 'Camera', video: 'Picture', rtsp: 'RTSP', http: 'HTTPS' }[section] || section;
    card.append(title, ...fields);
    return card;
  }));
}

onSubmit($('settings-form'), async data => {
  const changes = {};
  for (const [name, value] of data) if (value !== before[name]) changes[name] = value;
  const said = $('settings-said');
  said.className = 'grow';
  if (!Object.keys(changes).length) { said.textContent = 'Nothing was changed.'; return; }
  try {
    const done = await api('PATCH', 'api/v1/settings', changes);
    said.textContent = done.at_start ? 'Saved. The next start of recamd takes it.' : 'Saved.';
    await showSettings();
  } catch (e) {
    said.className = 'grow error';
    said.textContent = e.message;
  }
});

/* --- users --- */

async function showUsers() {
  const all = await api('GET', 'api/v1/users');
  $('user-list').replaceChildren(...all.map(user => {
    const line = document.createElement('li');
    const name = document.createElement('b');
    const role = document.createElement('span');
    const remove = document.createElement('button');
    name.textContent = user.name;
    role.textContent = user.role;
    role.className = 'quiet grow';
    remove.textContent = 'Remove';
    remove.setAttribute('aria-label', `Remove ${user.name}`);
    remove.addEventListener('click', async () => {
      try { await api('DELETE', `api/v1/users/${user.name}`); await showUsers(); }
      catch (e) { $('user-form').querySelector('.error').textContent = e.message; }
    });
    line.append(name, role, remove);
    return line;
  }));
}

onSubmit($('user-form'), async (data, form) => {
  await api('PUT', `api/v1/users/${data.get('name')}`, { password: data.get('password'), role: data.get('role') });
  form.reset();
  if (session) await showUsers();
});

/* --- about --- */

async function showAbout() {
  const status = await api('GET', 'api/v1/status');
  const host = location.hostname;
  const addresses = [
    ['RTSP', status.rtsp_port && `rtsp://${host}:${status.rtsp_port}/unicast`],
    ['RTSPS', status.rtsps_port && `rtsps://${host}:${status.rtsps_port}/main`],
    ['Snapshot', `https://${location.host}/cgi-bin/currentpic.cgi`],
    ['MJPEG', `https://${location.host}/stream.mjpg`],
    ['Metrics', `https://${location.host}/metrics`],
    ['API', `https://${location.host}/api/v1/openapi.json`],
  ];
  $('addresses').replaceChildren(...addresses.filter(a => a[1]).flatMap(([name, address]) => {
    const term = document.createElement('dt');
    const value = document.createElement('dd');
    term.textContent = name;
    value.textContent = address;
    return [term, value];
  }));
  $('streams').replaceChildren(...status.streams.map(stream => {
    const line = document.createElement('p');
    line.textContent = `${stream.name}: ${stream.width}×${stream.height}, ${stream.rate} pictures a second, ` +
      `${stream.watchers} watching` + (stream.live ? '' : ` – not live: ${stream.fault}`);
    return line;
  }));
  $('log-part').hidden = session.role !== 'administer';
  $('log-part').open = false;
  $('version').textContent = `recamd ${status.version}`;
}

$('log-part').addEventListener('toggle', async () => {
  if (!$('log-part').open) return;
  $('log').textContent = (await api('GET', 'api/v1/log')).log || 'Nothing was logged yet.';
  $('log').scrollTop = $('log').scrollHeight;
});

/* --- --- */

(async () => {
  const said = await api('GET', 'api/v1/session');
  if (said.user) { session = said; enter(); } else showDoor();
})();
