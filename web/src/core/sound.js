// Ticks in the last ten seconds of a clock, and a gong: planned ahead by the sound's own clock, and felt, too. A night is silent.
import { signal } from '@preact/signals';
import { now } from './clock.js';

const MUTED = 'conse.muted';
const LAST_S = 10;
const AHEAD_MS = 2000; // so long before the first tick it is planned
const TICK = { hertz: 1100, lasts: 0.06, loud: 0.2 }, LAST_TICK = { hertz: 1500, lasts: 0.09, loud: 0.3 }, GONG = { hertz: 196, lasts: 1.8, loud: 0.6 };

const stored = () => {
    try {
        return localStorage.getItem(MUTED) === '1';
    } catch {
        return false;
    }
};
/** On this device. */
export const muted = signal(typeof localStorage !== 'undefined' && stored());
/** It is night at the table that is shown. */
export const hushed = signal(false);

/** @param {boolean} yes */
export function mute(yes) {
    muted.value = yes;
    try {
        localStorage.setItem(MUTED, yes ? '1' : '0');
    } catch {
        // it lasts as long as the page
    }
}

// Browsers let a page sound once it was touched.
/** @type {AudioContext | undefined} */
let context;
function unlock() {
    context ??= new AudioContext();
    context.resume().catch(() => {});
}
export function begin() {
    if (!('AudioContext' in window)) return;
    for (const touch of ['pointerdown', 'keydown']) addEventListener(touch, unlock, { once: true, passive: true });
}

/** @param {AudioContext} sounds @param {{hertz: number, lasts: number, loud: number}} how @param {number} at by the sound's clock */
function strike(sounds, { hertz, lasts, loud }, at) {
    const voice = sounds.createOscillator(), volume = sounds.createGain();
    voice.frequency.value = hertz;
    volume.gain.setValueAtTime(loud, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + lasts);
    voice.connect(volume).connect(sounds.destination);
    voice.start(at);
    voice.stop(at + lasts);
    return () => voice.stop();
}

/** @param {number} end server's ms @returns {(() => void)[]} which take it back */
function ringOut(end) {
    const taken = /** @type {(() => void)[]} */ ([]);
    if (!context) return taken; // an untouched page may not be felt, either
    for (let second = LAST_S; second >= 0; second--) {
        const wait = end - second * 1000 - now();
        if (wait < 0) continue;
        taken.push(strike(context, second === 0 ? GONG : second <= 3 ? LAST_TICK : TICK, context.currentTime + wait / 1000));
        const timer = setTimeout(() => navigator.vibrate?.(second ? 30 : [200, 100, 200]), wait);
        taken.push(() => clearTimeout(timer));
    }
    return taken;
}

/** Two clocks with one end ring once. @type {Map<number, number>} */
const planned = new Map();

/** @param {number} end server's ms @returns {() => void} which takes it back */
export function plan(end) {
    const before = planned.get(end) ?? 0;
    planned.set(end, before + 1);
    /** @type {(() => void)[]} */
    let taken = [];
    const timer = before ? undefined : setTimeout(() => (taken = ringOut(end)), Math.max(0, end - LAST_S * 1000 - AHEAD_MS - now()));
    return () => {
        planned.set(end, (planned.get(end) ?? 1) - 1);
        clearTimeout(timer);
        taken.forEach((back) => back());
    };
}
