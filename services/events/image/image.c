#include "services/events/image/image.h"

#include <string.h>

#define PNG_SIGNATURE "\x89PNG\r\n\x1a\n"
#define JPEG_SIGNATURE "\xff\xd8\xff"

static uint32_t image_be16(const uint8_t *b) { return (uint32_t)b[0] << 8 | b[1]; }
static uint32_t image_be32(const uint8_t *b) { return image_be16(b) << 16 | image_be16(b + 2); }
static uint32_t image_le16(const uint8_t *b) { return (uint32_t)b[1] << 8 | b[0]; }
static uint32_t image_le32(const uint8_t *b) { return image_le16(b + 2) << 16 | image_le16(b); }

static void put_le32(uint8_t *b, size_t value)
{
    for (int i = 0; i < 4; i++) b[i] = (uint8_t)(value >> 8 * i);
}

static void image_append(struct image *image, const uint8_t *bytes, size_t len)
{
    memcpy(image->bytes + image->len, bytes, len);
    image->len += len;
}

static bool take_size(struct image *image, uint32_t width, uint32_t height)
{
    if (width > image->width) image->width = width;
    if (height > image->height) image->height = height;
    return width && height;
}

static bool is_one_of(const uint8_t name[4], const char *names)
{
    for (; *names; names += 4)
        if (memcmp(name, names, 4) == 0) return true;
    return false;
}

// ---- PNG: a signature, then chunks of size, name, bytes and checksum, from IHDR to IEND.

enum { PNG_HEAD = 8, PNG_CHUNK = 12, PNG_IHDR = 13 };

// Color, transparency, density and animation. Texts, times, EXIF and private data of programs are dropped.
static bool png_shows(const uint8_t name[4])
{
    return is_one_of(name, "PLTEIDATtRNScHRMgAMAiCCPsBITsRGBcICPmDCVcLLIbKGDhISTpHYsacTLfcTLfdAT");
}

static bool take_png_chunk(struct image *image, const uint8_t *chunk, size_t size)
{
    enum { ANCILLARY = 0x20 };
    if (png_shows(chunk + 4))
        image_append(image, chunk, size);
    else if (!(chunk[4] & ANCILLARY))
        return false; // no reader may show the image without knowing it
    return true;
}

static bool strip_png(struct image *image, const uint8_t *b, size_t len)
{
    if (len < PNG_HEAD + PNG_CHUNK + PNG_IHDR || memcmp(b, PNG_SIGNATURE, PNG_HEAD) != 0) return false;
    if (image_be32(b + PNG_HEAD) != PNG_IHDR || memcmp(b + PNG_HEAD + 4, "IHDR", 4) != 0 ||
        !take_size(image, image_be32(b + 16), image_be32(b + 20)))
        return false;
    bool pixels = false;
    size_t at = PNG_HEAD + PNG_CHUNK + PNG_IHDR;
    image_append(image, b, at);
    while (len - at >= PNG_CHUNK) {
        const uint8_t *chunk = b + at;
        size_t size = image_be32(chunk);
        if (size > len - at - PNG_CHUNK) return false;
        if (memcmp(chunk + 4, "IEND", 4) == 0) {
            image_append(image, chunk, PNG_CHUNK);
            return pixels && size == 0;
        }
        if (!take_png_chunk(image, chunk, PNG_CHUNK + size)) return false;
        pixels |= memcmp(chunk + 4, "IDAT", 4) == 0;
        at += PNG_CHUNK + size;
    }
    return false;
}

// ---- JPEG: segments of marker, size and bytes; a scan's coded bytes follow its segment.

enum jpeg_marker {
    JPEG_SOF0 = 0xc0,
    JPEG_DHT = 0xc4,
    JPEG_JPG = 0xc8,
    JPEG_DAC = 0xcc,
    JPEG_SOF15 = 0xcf,
    JPEG_RST0 = 0xd0,
    JPEG_EOI = 0xd9,
    JPEG_SOS = 0xda,
    JPEG_DQT = 0xdb,
    JPEG_DRI = 0xdd,
    JPEG_DHP = 0xde, // of images in layers, as EXP
    JPEG_EXP = 0xdf,
    JPEG_APP0 = 0xe0,
    JPEG_APP2 = 0xe2,
    JPEG_APP14 = 0xee,
    JPEG_MARKER = 0xff,
};
enum { JPEG_HEAD = 4, JFIF_LEN = 14, ADOBE_LEN = 12 };

static bool is_frame(uint8_t marker)
{
    return marker >= JPEG_SOF0 && marker <= JPEG_SOF15 && marker != JPEG_DHT && marker != JPEG_JPG &&
           marker != JPEG_DAC;
}

static bool is_application(const uint8_t *segment, size_t size, enum jpeg_marker marker, const char *name,
                           size_t name_len)
{
    return segment[1] == marker && size >= JPEG_HEAD + name_len &&
           memcmp(segment + JPEG_HEAD, name, name_len) == 0;
}

static void append_start(struct image *image, const uint8_t *segment, size_t len)
{
    image_append(image, segment, JPEG_HEAD + len);
    uint8_t *size = image->bytes + image->len - len - 2;
    size[0] = 0;
    size[1] = (uint8_t)(len + 2);
}

// The small picture in a JFIF header may show what the large one no longer shows.
static void append_jfif(struct image *image, const uint8_t *segment)
{
    append_start(image, segment, JFIF_LEN);
    memset(image->bytes + image->len - 2, 0, 2);
}

static bool take_frame(struct image *image, const uint8_t *segment, size_t size)
{
    enum { LEAST = 10 };
    if (size < LEAST || image->width || !take_size(image, image_be16(segment + 7), image_be16(segment + 5)))
        return false;
    image_append(image, segment, size);
    return true;
}

static bool take_segment(struct image *image, const uint8_t *segment, size_t size)
{
    uint8_t marker = segment[1];
    if (is_frame(marker)) return take_frame(image, segment, size);
    if (marker == JPEG_JPG || marker == JPEG_DHP || marker == JPEG_EXP) return false;
    if (marker == JPEG_SOS && !image->width) return false;
    if (marker == JPEG_DHT || marker == JPEG_DAC || marker == JPEG_DQT || marker == JPEG_DRI ||
        marker == JPEG_SOS || is_application(segment, size, JPEG_APP2, "ICC_PROFILE", 12))
        image_append(image, segment, size);
    else if (is_application(segment, size, JPEG_APP0, "JFIF", 5) && size >= JPEG_HEAD + JFIF_LEN)
        append_jfif(image, segment);
    else if (is_application(segment, size, JPEG_APP14, "Adobe", 5) && size >= JPEG_HEAD + ADOBE_LEN)
        append_start(image, segment, ADOBE_LEN);
    return true;
}

// 0 when it is truncated.
static size_t segment_size(const uint8_t *segment, size_t left)
{
    size_t size = left >= JPEG_HEAD ? image_be16(segment + 2) : 0;
    return size >= 2 && size <= left - 2 ? size + 2 : 0;
}

// The length of the coded bytes, which end with the next marker that is no restart.
static size_t scan_size(const uint8_t *b, size_t left)
{
    size_t at = 0;
    while (at + 1 < left && (b[at] != JPEG_MARKER || !b[at + 1] || (b[at + 1] & 0xf8) == JPEG_RST0)) at++;
    return at;
}

static bool strip_jpeg(struct image *image, const uint8_t *b, size_t len)
{
    size_t at = 2;
    bool pixels = false;
    if (len < 4 || memcmp(b, JPEG_SIGNATURE, 3) != 0) return false;
    image_append(image, b, at);
    while (len - at >= 2 && b[at] == JPEG_MARKER) {
        uint8_t marker = b[at + 1];
        if (marker == JPEG_MARKER) {
            at++;
            continue;
        }
        if (marker == JPEG_EOI) {
            image_append(image, b + at, 2);
            return pixels;
        }
        size_t size = segment_size(b + at, len - at);
        if (!size || !take_segment(image, b + at, size)) return false;
        at += size;
        if (marker != JPEG_SOS) continue;
        size = scan_size(b + at, len - at);
        image_append(image, b + at, size);
        at += size;
        pixels |= size > 0;
    }
    return false;
}

// ---- WebP: RIFF chunks of name, size and bytes, made even; one image, or VP8X and what it announces.

enum { RIFF_HEAD = 12, RIFF_CHUNK = 8, VP8X_LEN = 10, ANMF_LEN = 16 };

static bool take_chunks(struct image *image, const uint8_t *b, size_t len, const char *wanted);

static uint32_t image_le24(const uint8_t *b) { return image_le16(b) | (uint32_t)b[2] << 16; }

static void append_chunk(struct image *image, const uint8_t *chunk, size_t size)
{
    image_append(image, chunk, RIFF_CHUNK + size);
    put_le32(image->bytes + image->len - size - 4, size);
    if (size % 2) image->bytes[image->len++] = 0;
}

static bool take_header(struct image *image, const uint8_t *chunk, size_t size)
{
    enum { HAS_XMP = 4, HAS_EXIF = 8 };
    const uint8_t *body = chunk + RIFF_CHUNK;
    if (size < VP8X_LEN || !take_size(image, image_le24(body + 4) + 1, image_le24(body + 7) + 1))
        return false;
    append_chunk(image, chunk, VP8X_LEN);
    image->bytes[image->len - VP8X_LEN] &= (uint8_t) ~(HAS_XMP | HAS_EXIF);
    return true;
}

static bool take_lossy(struct image *image, const uint8_t *chunk, size_t size)
{
    enum { LEAST = 10, NOT_A_KEY = 1, SIDE = 0x3fff };
    const uint8_t *body = chunk + RIFF_CHUNK;
    if (size < LEAST || body[0] & NOT_A_KEY || memcmp(body + 3, "\x9d\x01\x2a", 3) != 0 ||
        !take_size(image, image_le16(body + 6) & SIDE, image_le16(body + 8) & SIDE))
        return false;
    append_chunk(image, chunk, size);
    return true;
}

static bool take_lossless(struct image *image, const uint8_t *chunk, size_t size)
{
    enum { LEAST = 5, SIGN = 0x2f, SIDE = 0x3fff };
    const uint8_t *body = chunk + RIFF_CHUNK;
    if (size < LEAST || body[0] != SIGN) return false;
    uint32_t sides = image_le32(body + 1);
    if (!take_size(image, (sides & SIDE) + 1, (sides >> 14 & SIDE) + 1)) return false;
    append_chunk(image, chunk, size);
    return true;
}

static bool take_frame_of_many(struct image *image, const uint8_t *chunk, size_t size)
{
    size_t begin = image->len;
    if (size < ANMF_LEN) return false;
    image_append(image, chunk, RIFF_CHUNK + ANMF_LEN);
    if (!take_chunks(image, chunk + RIFF_CHUNK + ANMF_LEN, size - ANMF_LEN, "ALPHVP8 VP8L")) return false;
    put_le32(image->bytes + begin + 4, image->len - begin - RIFF_CHUNK);
    return true;
}

static bool take_chunk(struct image *image, const uint8_t *chunk, size_t size)
{
    if (memcmp(chunk, "VP8X", 4) == 0) return take_header(image, chunk, size);
    if (memcmp(chunk, "VP8 ", 4) == 0) return take_lossy(image, chunk, size);
    if (memcmp(chunk, "VP8L", 4) == 0) return take_lossless(image, chunk, size);
    if (memcmp(chunk, "ANMF", 4) == 0) return take_frame_of_many(image, chunk, size);
    append_chunk(image, chunk, size);
    return true;
}

// The wanted chunks; at least one has pixels.
static bool take_chunks(struct image *image, const uint8_t *b, size_t len, const char *wanted)
{
    bool pixels = false;
    size_t at = 0;
    while (len - at >= RIFF_CHUNK) {
        const uint8_t *chunk = b + at;
        size_t size = image_le32(chunk + 4), left = len - at - RIFF_CHUNK;
        if (size > left) return false;
        if (is_one_of(chunk, wanted)) {
            if (!take_chunk(image, chunk, size)) return false;
            pixels |= is_one_of(chunk, "VP8 VP8LANMF");
        }
        at += RIFF_CHUNK + size + (size % 2 && size < left);
    }
    return pixels && at == len;
}

static bool is_riff(const uint8_t *b, size_t len)
{
    return len >= RIFF_HEAD + RIFF_CHUNK && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0;
}

static bool strip_webp(struct image *image, const uint8_t *b, size_t len)
{
    if (!is_riff(b, len)) return false;
    size_t riff = image_le32(b + 4);
    const uint8_t *first = b + RIFF_HEAD;
    if (riff < RIFF_HEAD || riff > len - 8) return false;
    image_append(image, b, RIFF_HEAD);
    bool many = memcmp(first, "VP8X", 4) == 0;
    if (!many && !is_one_of(first, "VP8 VP8L")) return false;
    if (!take_chunks(image, first, riff - 4, many ? "VP8XICCPANIMANMFALPHVP8 VP8L" : "VP8 VP8L"))
        return false;
    put_le32(image->bytes + 4, image->len - 8);
    return true;
}

// ---- All

bool image_strip(struct image *image, const uint8_t *bytes, size_t len)
{
    static const struct {
        const char *type;
        bool (*strip)(struct image *image, const uint8_t *bytes, size_t len);
    } kinds[] = {{"image/png", strip_png}, {"image/jpeg", strip_jpeg}, {"image/webp", strip_webp}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        *image = (struct image){.type = kinds[i].type, .bytes = image->bytes};
        if (kinds[i].strip(image, bytes, len)) return true;
    }
    return false;
}

const char *image_type(const uint8_t *bytes, size_t len)
{
    if (len >= PNG_HEAD && memcmp(bytes, PNG_SIGNATURE, PNG_HEAD) == 0) return "image/png";
    if (len >= 3 && memcmp(bytes, JPEG_SIGNATURE, 3) == 0) return "image/jpeg";
    return is_riff(bytes, len) ? "image/webp" : NULL;
}

bool image_fits(const struct image *image)
{
    return image->width <= IMAGE_MAX_SIDE && image->height <= IMAGE_MAX_SIDE &&
           (uint64_t)image->width * image->height <= IMAGE_MAX_PIXELS;
}
