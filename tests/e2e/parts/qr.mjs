// Reads our QR codes again, with another's decoder.
import jsqr from 'jsqr';

const SCALE = 4;

// The text of an SVG whose path is made of rectangles: M<x> <y>h<width>v1h-<width>z.
export function readQr(svg) {
    const side = Number(svg.match(/viewBox="0 0 (\d+) \d+"/)[1]), width = side * SCALE;
    const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
    for (const [, x, y, run] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
        for (let py = Number(y) * SCALE; py < (Number(y) + 1) * SCALE; py++)
            for (let px = Number(x) * SCALE; px < (Number(x) + Number(run)) * SCALE; px++) pixels.fill(0, (py * width + px) * 4, (py * width + px) * 4 + 3);
    return jsqr(pixels, width, width)?.data;
}
