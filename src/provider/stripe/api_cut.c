/* Cuts by brackets and quotes alone. What stands between them is not judged, but brackets must
 * match, so a page that was cut off or mixed with other text is never taken for a list. */
#include "base/check.h"
#include "provider/stripe/api.h"

#define DEPTH_MAX 512

struct cutter {
    const char *at, *end;
};

static void skip_blanks(struct cutter *cutter)
{
    while (
        cutter->at < cutter->end && *cutter->at != '\0' && strchr(" \t\r\n", *cutter->at) != NULL) {
        cutter->at++;
    }
}

static bool take(struct cutter *cutter, char c)
{
    skip_blanks(cutter);
    if (cutter->at == cutter->end || *cutter->at != c) {
        return false;
    }
    cutter->at++;
    return true;
}

/* One that an odd number of backslashes precedes is text. */
static bool is_closing(const char *quote, const char *begin)
{
    const char *at = quote;
    while (at > begin && at[-1] == '\\') {
        at--;
    }
    return (quote - at) % 2 == 0;
}

/* From the opening quote to behind the closing one. */
static bool skip_string(struct cutter *cutter)
{
    const char *begin = cutter->at + 1;
    const char *quote = cutter->at;
    do {
        quote = memchr(quote + 1, '"', (size_t)(cutter->end - quote - 1));
    } while (quote != NULL && !is_closing(quote, begin));
    cutter->at = quote != NULL ? quote + 1 : cutter->end;
    return quote != NULL;
}

/* To the next byte that is a quote or a bracket; nearly all are not. */
static void skip_plain(struct cutter *cutter)
{
    static const bool means_something[256] = {
        ['"'] = true, ['{'] = true, ['}'] = true, ['['] = true, [']'] = true};
    while (cutter->at < cutter->end && !means_something[(unsigned char)*cutter->at]) {
        cutter->at++;
    }
}

static bool skip_container(struct cutter *cutter)
{
    char open[DEPTH_MAX];
    size_t depth = 0;
    for (skip_plain(cutter); cutter->at < cutter->end; skip_plain(cutter)) {
        char c = *cutter->at;
        if (c == '"') {
            if (!skip_string(cutter)) {
                return false;
            }
            continue;
        }
        cutter->at++;
        if (c == '{' || c == '[') {
            if (depth == DEPTH_MAX) {
                return false;
            }
            open[depth++] = c;
            continue;
        }
        if (depth == 0 || open[--depth] != (c == '}' ? '{' : '[')) {
            return false;
        }
        if (depth == 0) {
            return true;
        }
    }
    return false;
}

/* A string, a container, or a run of what numbers and words are made of. */
static bool take_value(struct cutter *cutter, struct str *ret)
{
    skip_blanks(cutter);
    const char *start = cutter->at;
    if (start == cutter->end) {
        return false;
    }
    if (*start == '{' || *start == '[') {
        if (!skip_container(cutter)) {
            return false;
        }
    } else if (*start == '"') {
        if (!skip_string(cutter)) {
            return false;
        }
    } else {
        while (cutter->at<cutter->end && * cutter->at> ' ' && strchr(",]}:", *cutter->at) == NULL) {
            cutter->at++;
        }
    }
    *ret = (struct str){start, (size_t)(cutter->at - start)};
    return ret->len > 0;
}

/* --- the members of a list --- */

struct members {
    struct str object, data, has_more, url;
    struct stripe_cut cut; /* of data */
    bool is_cut;           /* data is an array, of not more elements than were asked for */
    bool twice;
};

static bool cut_elements(struct cutter *cutter, struct stripe_cut *cut)
{
    cut->count = 0;
    if (!take(cutter, '[')) {
        return false;
    }
    if (take(cutter, ']')) {
        return true;
    }
    do {
        if (cut->count == LIMIT_API_PAGE || !take_value(cutter, &cut->elements[cut->count])) {
            return false;
        }
        cut->count++;
    } while (take(cutter, ','));
    return take(cutter, ']');
}

/* Nearly all of a page is its data: it is walked over once, and again only when it is odd. */
static bool take_data(struct cutter *cutter, struct members *members, struct str *ret)
{
    skip_blanks(cutter);
    struct cutter ahead = *cutter;
    members->is_cut = cut_elements(&ahead, &members->cut);
    if (!members->is_cut) {
        return take_value(cutter, ret);
    }
    *ret = (struct str){cutter->at, (size_t)(ahead.at - cutter->at)};
    *cutter = ahead;
    return true;
}

static bool take_member(struct cutter *cutter, struct members *members)
{
    struct str key = STR_NONE;
    struct str value = STR_NONE;
    if (!take_value(cutter, &key) || key.data[0] != '"' || !take(cutter, ':')) {
        return false;
    }
    struct str *to = str_eq(key, STR("\"object\""))     ? &members->object
                     : str_eq(key, STR("\"data\""))     ? &members->data
                     : str_eq(key, STR("\"has_more\"")) ? &members->has_more
                     : str_eq(key, STR("\"url\""))      ? &members->url
                                                        : NULL;
    bool taken =
        to == &members->data ? take_data(cutter, members, &value) : take_value(cutter, &value);
    if (taken && to != NULL) {
        members->twice = members->twice || to->len > 0;
        *to = value;
    }
    return taken;
}

static bool take_members(struct cutter *cutter, struct members *members)
{
    if (!take(cutter, '{')) {
        return false;
    }
    if (take(cutter, '}')) {
        return true;
    }
    do {
        if (!take_member(cutter, members)) {
            return false;
        }
    } while (take(cutter, ','));
    return take(cutter, '}');
}

enum err stripe_cut_page(struct str page, struct stripe_cut *ret, const char **ret_why)
{
    REQUIRE(ret != NULL);
    REQUIRE(ret_why != NULL);
    page = page.len > 0 ? page : STR(" ");
    struct cutter cutter = {page.data, page.data + page.len};
    struct members members = {0};
    bool whole = take_members(&cutter, &members);
    skip_blanks(&cutter);
    if (!whole || cutter.at != cutter.end) {
        *ret_why = "the answer is no JSON object, or is cut off";
    } else if (!str_eq(members.object, STR("\"list\"")) || members.twice) {
        *ret_why = "the answer is no list";
    } else if (!members.is_cut) {
        *ret_why = "the list has no data, or more than was asked for";
    } else if (!str_eq(members.has_more, STR("true")) && !str_eq(members.has_more, STR("false"))) {
        *ret_why = "the list does not say whether it has more";
    } else {
        members.cut.has_more = members.has_more.len == 4;
        *ret = members.cut;
        return ERR_OK;
    }
    return ERR_MALFORMED;
}

/* --- lists inside an object --- */

/* The value of a member; false: there is none, or two. */
static bool find_member(struct str object, struct str name, struct str *ret_value)
{
    struct cutter cutter = {object.data, object.data + object.len};
    uint32_t found = 0;
    if (!take(&cutter, '{') || take(&cutter, '}')) {
        return false;
    }
    do {
        struct str key = STR_NONE;
        struct str value = STR_NONE;
        if (!take_value(&cutter, &key) || key.data[0] != '"' || !take(&cutter, ':') ||
            !take_value(&cutter, &value)) {
            return false;
        }
        if (key.len == name.len + 2 && memcmp(key.data + 1, name.data, name.len) == 0) {
            *ret_value = value;
            found++;
        }
    } while (take(&cutter, ','));
    return found == 1;
}

bool stripe_cut_inner_list(struct str object, struct str name, struct stripe_inner_list *ret)
{
    REQUIRE(name.len > 0);
    REQUIRE(ret != NULL);
    struct str list = STR_NONE;
    struct members members = {0};
    if (object.len == 0 || !find_member(object, name, &list) || list.data[0] != '{') {
        return false;
    }
    struct cutter cutter = {list.data, list.data + list.len};
    if (!take_members(&cutter, &members) || !str_eq(members.has_more, STR("true"))) {
        return false;
    }
    *ret = (struct stripe_inner_list){.data = members.data, .has_more = members.has_more};
    if (!members.twice && members.is_cut && members.cut.count > 0 && members.url.len >= 2 &&
        members.url.data[0] == '"') {
        ret->url = (struct str){members.url.data + 1, members.url.len - 2};
        ret->last = members.cut.elements[members.cut.count - 1];
    }
    return true;
}
