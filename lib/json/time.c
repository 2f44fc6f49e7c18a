#include "lib/json/time.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const int64_t first_second = -62135596800; // 0001-01-01T00:00:00Z
static const int64_t last_second = 253402300799;  // 9999-12-31T23:59:59Z
static const int64_t longest_s = 315576000000;

enum { DAY_S = 86400, NANO_DIGITS = 9 };

// Reads exactly `count` digits.
static bool read_digits(const char **at, int count, int *value)
{
    *value = 0;
    for (; count > 0; count--, (*at)++) {
        if (!isdigit((unsigned char)**at)) return false;
        *value = *value * 10 + (**at - '0');
    }
    return true;
}

static bool read_char(const char **at, char c) { return *(*at)++ == c; }

// An optional fraction: a point and one to nine digits.
static bool read_fraction(const char **at, int32_t *nanos)
{
    *nanos = 0;
    if (**at != '.') return true;
    int digits = 0;
    for (++*at; isdigit((unsigned char)**at); ++*at, digits++)
        if (digits < NANO_DIGITS) *nanos = *nanos * 10 + (**at - '0');
    if (digits < 1 || digits > NANO_DIGITS) return false;
    for (; digits < NANO_DIGITS; digits++) *nanos *= 10;
    return true;
}

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted in eras of 400 years.
static int64_t days_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int of_era = y - (int)era * 400;
    int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = days / 146097;
    int of_era = (int)(days - era * 146097);
    int years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * years + years / 4 - years / 100);
    int m = (5 * of_year + 2) / 153;
    *day = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = years + (int)era * 400 + (*month <= 2);
}

static bool is_date(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || month < 1 || month > 12 || day < 1) return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap);
}

static bool read_date(const char **at, int64_t *days)
{
    int year, month, day;
    if (!read_digits(at, 4, &year) || !read_char(at, '-') || !read_digits(at, 2, &month) ||
        !read_char(at, '-') || !read_digits(at, 2, &day) || !is_date(year, month, day))
        return false;
    *days = days_of(year, month, day);
    return true;
}

static bool read_clock(const char **at, int64_t *seconds)
{
    int hour, minute, second;
    if (!read_digits(at, 2, &hour) || !read_char(at, ':') || !read_digits(at, 2, &minute) ||
        !read_char(at, ':') || !read_digits(at, 2, &second))
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

static bool read_offset(const char **at, int *seconds)
{
    *seconds = 0;
    if (**at == 'Z') return ++*at, true;
    int sign = **at == '-' ? -1 : 1, hour, minute;
    if (**at != '+' && **at != '-') return false;
    ++*at;
    if (!read_digits(at, 2, &hour) || !read_char(at, ':') || !read_digits(at, 2, &minute)) return false;
    *seconds = sign * (hour * 3600 + minute * 60);
    return hour < 24 && minute < 60;
}

bool json_timestamp_parse(const char *text, struct json_time *time)
{
    int64_t days, clock;
    int offset;
    if (!read_date(&text, &days) || !read_char(&text, 'T') || !read_clock(&text, &clock) ||
        !read_fraction(&text, &time->nanos) || !read_offset(&text, &offset) || *text)
        return false;
    time->seconds = days * DAY_S + clock - offset;
    return time->seconds >= first_second && time->seconds <= last_second;
}

// A point and the nanoseconds, without trailing groups of `step` zeros; nothing when there are none.
static char *print_fraction(char *at, int32_t nanos, int step)
{
    if (nanos == 0) return at;
    int digits = NANO_DIGITS, unit = step == 1 ? 10 : 1000;
    for (; nanos % unit == 0; nanos /= unit) digits -= step;
    return at + sprintf(at, ".%0*d", digits, nanos);
}

static char *put_digits(char *at, int count, int value)
{
    for (int i = count; i > 0; i--, value /= 10) at[i - 1] = (char)('0' + value % 10);
    return at + count;
}

bool json_timestamp_print(const struct json_time *time, char out[JSON_TIME_SIZE])
{
    if (time->seconds < first_second || time->seconds > last_second || time->nanos < 0 ||
        time->nanos > 999999999)
        return false;
    int64_t days = (time->seconds - first_second) / DAY_S + first_second / DAY_S;
    int clock = (int)(time->seconds - days * DAY_S), year, month, day;
    date_of(days, &year, &month, &day);
    char *at = put_digits(out, 4, year);
    *at++ = '-';
    at = put_digits(at, 2, month);
    *at++ = '-';
    at = put_digits(at, 2, day);
    *at++ = 'T';
    at = put_digits(at, 2, clock / 3600);
    *at++ = ':';
    at = put_digits(at, 2, clock / 60 % 60);
    *at++ = ':';
    at = put_digits(at, 2, clock % 60);
    at = print_fraction(at, time->nanos, 3);
    memcpy(at, "Z", 2);
    return true;
}

bool json_duration_parse(const char *text, struct json_time *time)
{
    int sign = *text == '-' ? -1 : 1, digits = 0;
    if (sign < 0) text++;
    for (time->seconds = 0; isdigit((unsigned char)*text); text++, digits++) {
        time->seconds = time->seconds * 10 + (*text - '0');
        if (time->seconds > longest_s) return false;
    }
    if (digits == 0 || !read_fraction(&text, &time->nanos) || strcmp(text, "s") != 0) return false;
    time->seconds *= sign;
    time->nanos *= sign;
    return true;
}

bool json_duration_print(const struct json_time *time, char out[JSON_TIME_SIZE])
{
    int64_t seconds = time->seconds;
    int32_t nanos = time->nanos;
    if (seconds < -longest_s || seconds > longest_s || nanos < -999999999 || nanos > 999999999) return false;
    if ((seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0)) return false;
    bool negative = seconds < 0 || nanos < 0;
    char *at =
        out + sprintf(out, "%s%lld", negative ? "-" : "", (long long)(seconds < 0 ? -seconds : seconds));
    at = print_fraction(at, nanos < 0 ? -nanos : nanos, 1);
    memcpy(at, "s", 2);
    return true;
}
