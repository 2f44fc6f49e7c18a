#include "tools/consectl/findings.h"

#include <jansson.h>
#include <stdarg.h>

static const char *const words[] = {"ok", "warning", "failed"};

void findings_begin(struct findings *findings, const char *check)
{
    findings->check = check;
    findings->any = false;
}

static void findings_keep(struct findings *findings, enum verdict verdict, const char *todo,
                          const char *format, va_list arguments)
{
    char saw[1024];
    vsnprintf(saw, sizeof saw, format, arguments);
    findings->failed += verdict == VERDICT_FAILED;
    findings->warnings += verdict == VERDICT_WARNING;
    if (findings->count == FINDINGS_MOST) return;
    const char *kept = arena_str(findings->arena, saw);
    findings->all[findings->count++] =
        (struct finding){findings->check, verdict, kept ? kept : "(out of memory)", todo};
}

void findings_add(struct findings *findings, enum verdict verdict, const char *todo, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    findings_keep(findings, verdict, todo, format, arguments);
    va_end(arguments);
    findings->any = true;
}

void findings_end(struct findings *findings, const char *format, ...)
{
    va_list arguments;
    if (findings->any) return;
    va_start(arguments, format);
    findings_keep(findings, VERDICT_OK, "", format, arguments);
    va_end(arguments);
}

static size_t count_checks(const struct findings *findings)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += i == 0 || findings->all[i].check != findings->all[i - 1].check;
    return count;
}

void findings_print(const struct findings *findings, FILE *out)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->all[i];
        fprintf(out, "%-8s %-12s %s\n", words[finding->verdict], finding->check, finding->saw);
        if (*finding->todo) fprintf(out, "%-21s -> %s\n", "", finding->todo);
    }
    fprintf(out, "%zu checks: %zu failed, %zu warnings\n", count_checks(findings), findings->failed,
            findings->warnings);
}

void findings_print_json(const struct findings *findings, FILE *out)
{
    json_t *all = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->all[i];
        json_array_append_new(all,
                              json_pack("{s:s, s:s, s:s, s:s}", "check", finding->check, "status",
                                        words[finding->verdict], "saw", finding->saw, "todo", finding->todo));
    }
    enum verdict worst = findings->failed     ? VERDICT_FAILED
                         : findings->warnings ? VERDICT_WARNING
                                              : VERDICT_OK;
    json_t *whole = json_pack("{s:s, s:o}", "status", words[worst], "findings", all);
    json_dumpf(whole, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(whole);
}
