/* cli/explain.def: every sentence can be told, for people and for programs. */
#include "base/check.h"
#include "base/json.h"
#include "cli/explain_story.h"
#include "cli/output.h"
#include "unit/testing.h"

#define SECOND INT64_C(1000000)

static struct told facts[STORY_FACTS_MAX + 1];

/* With something in every slot. */
static void say_everything(struct story *story)
{
    const struct currency kwd = {"KWD"};
    for (int i = 0; i < SENTENCE_COUNT; i++) {
        struct told *fact = story_say(story, (enum sentence)i);
        const struct told whole = {.sentence = (enum sentence)i,
            .at_us = SECOND,
            .until_us = 2 * SECOND,
            .day_us = 3 * SECOND,
            .count = -7,
            .amount = {-1234, kwd},
            .fee = {5, kwd},
            .net = {INT64_MIN, kwd},
            .object = {ID_PAYMENT, {{1}}, STR("pi_1")},
            .other = {SUBJECT_LINE, {{2}}, STR_NONE},
            .word = STR("a\nword"),
            .words = STR("some \"words\"")};
        *fact = whole;
    }
}

/* What `print` writes to standard output; the caller frees. */
static char *written(void (*print)(const struct story *story), const struct story *story)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    (void)fflush(stdout);
    int before = dup(STDOUT_FILENO);
    assert_true(before >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
    print(story);
    out_flush();
    (void)fflush(stdout);
    assert_true(dup2(before, STDOUT_FILENO) >= 0);
    (void)close(before);
    long size = ftell(file);
    size = size > 0 ? size : lseek(fileno(file), 0, SEEK_END);
    char *text = calloc((size_t)size + 1, 1);
    assert_non_null(text);
    rewind(file);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    (void)fclose(file);
    return text;
}

static void print_json(const struct story *story)
{
    story_json(story, STR("all"));
}

static void every_sentence_is_told_with_all_its_slots(void **state)
{
    (void)state;
    struct story story = {.facts = facts};
    say_everything(&story);
    char *text = written(story_text, &story);
    uint32_t lines = 0;
    for (const char *c = text; *c != '\0'; c++) {
        assert_true(*c != '{' && *c != '}' && *c != '!');
        lines += *c == '\n';
    }
    assert_int_equal(lines, SENTENCE_COUNT); /* the end of a line in a word is escaped */
    assert_non_null(strstr(text, "took 9,223,372,036,854,775.808 KWD"));
    assert_null(strstr(text, "took -9"));
    free(text);
}

static void every_fact_is_an_object_for_programs(void **state)
{
    (void)state;
    struct story story = {.facts = facts};
    struct json_document document;
    struct arena *arena = arena_new((size_t)16 * 1024 * 1024);
    say_everything(&story);
    char *text = written(print_json, &story);
    assert_err(json_parse(str_trim(str_from(text)), arena, &document), ERR_OK);
    const struct json *all = json_get(document.root, STR("facts"));
    assert_int_equal(all->count, SENTENCE_COUNT);
    for (const struct json *fact = all->first; fact != NULL; fact = fact->next) {
        struct str sentence = json_string(json_get(fact, STR("text")));
        assert_true(json_string(json_get(fact, STR("fact"))).len > 0 && sentence.len > 0);
        const struct json *object = json_get(fact, STR("object"));
        if (object != NULL) {
            assert_true(str_starts_with(json_string(object), STR("cf_pay_")));
            assert_str_equal_to(json_string(json_get(fact, STR("object_provider_id"))), "pi_1");
        }
    }
    free(text);
    (void)arena_free(arena);
}

static void a_story_that_is_full_says_so_and_takes_no_more(void **state)
{
    (void)state;
    struct story story = {.facts = facts};
    for (int i = 0; i < STORY_FACTS_MAX; i++) {
        (void)story_say(&story, SAY_LINE_NONE);
    }
    assert_false(story.full);
    story_say(&story, SAY_LINE_MORE)->count = 1;
    (void)story_say(&story, SAY_LINE_MORE);
    assert_true(story.full);
    assert_int_equal(story.count, STORY_FACTS_MAX);
    char *text = written(story_text, &story);
    assert_non_null(strstr(text, "There is more than is told here."));
    free(text);
}

TESTS_MAIN("explain_story",
    TEST(every_sentence_is_told_with_all_its_slots),
    TEST(every_fact_is_an_object_for_programs),
    TEST(a_story_that_is_full_says_so_and_takes_no_more))
