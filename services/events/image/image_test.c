// The parts of an image that are kept.
#include "services/events/image/image.h"
#include "tests/test.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

#define PNG_HEAD "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\3\0\0\0\2\x08\6\0\0\0\x1f\x15\xc4\x89"
#define PNG_TAIL "\0\0\0\4IDAT\1\2\3\4\5\6\7\x08\0\0\0\0IEND\xae\x42\x60\x82"
#define PNG_COLOR "\0\0\0\4gAMA\1\2\3\4\0\0\0\0"
#define PNG_SECRET(name) "\0\0\0\3" name "key\0\0\0\0"

#define JPEG_HEAD "\xff\xd8"
#define JFIF "\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
#define JFIF_THUMB "\xff\xe0\0\x13JFIF\0\1\1\0\0\1\0\1\1\1rgb"
#define ADOBE                                                                                                \
    "\xff\xee\0\x0e"                                                                                         \
    "Adobe\0\x64\0\0\0\0\1"
#define ICC "\xff\xe2\0\x12ICC_PROFILE\0\1\1pp"
#define EXIF                                                                                                 \
    "\xff\xe1\0\x0c"                                                                                         \
    "Exif\0\0here"
#define COMMENT "\xff\xfe\0\6home"
#define JPEG_FRAME "\xff\xc0\0\x0b\x08\0\2\0\3\1\1\x11\0"
#define JPEG_SCAN "\xff\xda\0\x08\1\1\0\0\x3f\0sc\xff\0an\xff\xd0more"
#define JPEG_TAIL "\xff\xd9"

#define VP8X(flags) "VP8X\x0a\0\0\0" flags "\0\0\0\2\0\0\1\0\0"
#define VP8L "VP8L\7\0\0\0\x2f\2\x40\0\0ab\0"
#define LOSSY "VP8 \x0c\0\0\0\0\0\0\x9d\1\x2a\3\0\2\0ab"
#define RIFF(size) "RIFF" size "\0\0\0WEBP"

static struct image stripped(const uint8_t *bytes, size_t len)
{
    struct image image = {.bytes = test_malloc(len + 1)};
    if (!image_strip(&image, bytes, len)) {
        test_free(image.bytes);
        image = (struct image){0};
    }
    return image;
}

static void assert_stripped(const uint8_t *bytes, size_t len, const char *type, const uint8_t *wanted,
                            size_t wanted_len)
{
    struct image image = stripped(bytes, len);
    assert_non_null(image.bytes);
    assert_string_equal(image.type, type);
    assert_string_equal(image_type(image.bytes, image.len), type);
    assert_int_equal(image.len, wanted_len);
    assert_memory_equal(image.bytes, wanted, wanted_len);
    assert_int_equal(image.width, 3);
    assert_int_equal(image.height, 2);
    test_free(image.bytes);
}

static void assert_refused(const uint8_t *bytes, size_t len)
{
    uint8_t *exact = test_malloc(len + 1);
    memcpy(exact, bytes, len);
    assert_null(stripped(exact, len).bytes);
    test_free(exact);
}

static void png_loses_what_does_not_show(void **state)
{
    (void)state;
    assert_stripped(BYTES(PNG_HEAD PNG_COLOR PNG_TAIL), "image/png", BYTES(PNG_HEAD PNG_COLOR PNG_TAIL));
    assert_stripped(BYTES(PNG_HEAD PNG_SECRET("eXIf") PNG_SECRET("tEXt") PNG_COLOR PNG_SECRET("iTXt")
                              PNG_SECRET("zTXt") PNG_SECRET("tIME") PNG_SECRET("prVt") PNG_TAIL "behind"),
                    "image/png", BYTES(PNG_HEAD PNG_COLOR PNG_TAIL));
    assert_refused(BYTES(PNG_HEAD PNG_SECRET("CgBI") PNG_TAIL));
    assert_refused(BYTES(PNG_HEAD "\0\0\0\0IEND\xae\x42\x60\x82"));
}

static void jpeg_loses_what_does_not_show(void **state)
{
    (void)state;
    assert_stripped(BYTES(JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_TAIL), "image/jpeg",
                    BYTES(JPEG_HEAD JPEG_FRAME JPEG_SCAN JPEG_TAIL));
    assert_stripped(BYTES(JPEG_HEAD JFIF_THUMB EXIF ICC ADOBE COMMENT JPEG_FRAME
                          "\xff" JPEG_SCAN EXIF JPEG_SCAN JPEG_TAIL "a film"),
                    "image/jpeg", BYTES(JPEG_HEAD JFIF ICC ADOBE JPEG_FRAME JPEG_SCAN JPEG_SCAN JPEG_TAIL));
    assert_refused(BYTES(JPEG_HEAD JPEG_SCAN JPEG_FRAME JPEG_TAIL));
    assert_refused(BYTES(JPEG_HEAD JPEG_FRAME JPEG_FRAME JPEG_SCAN JPEG_TAIL));
    assert_refused(BYTES(JPEG_HEAD JPEG_FRAME JPEG_TAIL));
    assert_refused(BYTES(JPEG_HEAD "\xff\xc0\0\x0b\x08\0\0\0\3\1\1\x11\0" JPEG_SCAN JPEG_TAIL)); // no height
}

static void webp_loses_what_does_not_show(void **state)
{
    (void)state;
    assert_stripped(BYTES(RIFF("\x14") VP8L), "image/webp", BYTES(RIFF("\x14") VP8L));
    assert_stripped(BYTES(RIFF("\x18") LOSSY "behind"), "image/webp", BYTES(RIFF("\x18") LOSSY));
    assert_stripped(BYTES(RIFF("\x24") LOSSY "EXIF\4\0\0\0here"), "image/webp", BYTES(RIFF("\x18") LOSSY));
    assert_stripped(BYTES(RIFF("\x46") VP8X("\x3c") "ICCP\2\0\0\0pp" VP8L "EXIF\3\0\0\0abc\0XMP \2\0\0\0ab"),
                    "image/webp", BYTES(RIFF("\x30") VP8X("\x30") "ICCP\2\0\0\0pp" VP8L));
    assert_refused(BYTES(RIFF("\x16") VP8X("\0")));
}

static void frames_of_a_webp_lose_it_too(void **state)
{
    (void)state;
    static const char head[] = RIFF("\x52") VP8X("\2") "ANMF\x2c\0\0\0"
                                                       "0123456789abcdef";
    static const char stays[] = RIFF("\x3e") VP8X("\2") "ANMF\x20\0\0\0"
                                                        "0123456789abcdef" VP8L;
    uint8_t whole[sizeof head - 1 + sizeof VP8L - 1 + 12];
    memcpy(whole, head, sizeof head - 1);
    memcpy(whole + sizeof head - 1, "EXIF\4\0\0\0here" VP8L, 12 + sizeof VP8L - 1);
    whole[4] = (uint8_t)(sizeof whole - 8);
    uint8_t *wanted = test_malloc(sizeof stays - 1);
    memcpy(wanted, stays, sizeof stays - 1);
    wanted[4] = (uint8_t)(sizeof stays - 9);
    assert_stripped(whole, sizeof whole, "image/webp", wanted, sizeof stays - 1);
    test_free(wanted);
}

static void refuses_what_breaks_off(void **state)
{
    (void)state;
    static const char png[] = PNG_HEAD PNG_COLOR PNG_TAIL, webp[] = RIFF("\x14") VP8L,
                      jpeg[] = JPEG_HEAD EXIF JPEG_FRAME JPEG_SCAN JPEG_TAIL;
    for (size_t len = 0; len < sizeof png - 1; len++) assert_refused((const uint8_t *)png, len);
    for (size_t len = 0; len < sizeof jpeg - 1; len++) assert_refused((const uint8_t *)jpeg, len);
    for (size_t len = 0; len < sizeof webp - 1; len++) assert_refused((const uint8_t *)webp, len);
}

static void refuses_the_rest(void **state)
{
    (void)state;
    assert_null(image_type(BYTES("<svg/>")));
    assert_null(image_type(BYTES("\xff\xd8")));
    assert_refused(BYTES("<svg/>"));
    assert_refused(BYTES("GIF89a\1\0\1\0"));
    assert_refused(BYTES(""));
}

static void sides_and_pixels_are_bounded(void **state)
{
    (void)state;
    assert_true(image_fits(&(struct image){.width = 8192, .height = 4882}));
    assert_false(image_fits(&(struct image){.width = 8192, .height = 4883}));
    assert_true(image_fits(&(struct image){.width = 1, .height = 8192}));
    assert_false(image_fits(&(struct image){.width = 1, .height = 8193}));
    assert_false(image_fits(&(struct image){.width = UINT32_MAX, .height = UINT32_MAX}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_loses_what_does_not_show),  cmocka_unit_test(jpeg_loses_what_does_not_show),
        cmocka_unit_test(webp_loses_what_does_not_show), cmocka_unit_test(frames_of_a_webp_lose_it_too),
        cmocka_unit_test(refuses_what_breaks_off),       cmocka_unit_test(refuses_the_rest),
        cmocka_unit_test(sides_and_pixels_are_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
