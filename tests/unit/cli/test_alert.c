#include "cli/alert.h"
#include "unit/testing.h"
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#define LONG_US INT64_C(30000000)

static char folder[] = "/tmp/test_alert_XXXXXX";

/* The command is run where its files may be written, and asked for them. */
static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"said", "report", "place", "started", "late"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unlink(names[i]);
    }
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static struct alert alert_of(const char *command)
{
    return (struct alert){.command = str_from(command),
        .account = STR("shop"),
        .critical = 3,
        .report = STR("{\"schema\":1}"),
        .timeout_us = LONG_US,
        .stop_fd = -1};
}

static void check_file(const char *name, const char *text)
{
    char found[1024] = "";
    FILE *file = fopen(name, "re");
    assert_row(file != NULL, name);
    size_t len = fread(found, 1, sizeof found - 1, file);
    (void)fclose(file);
    found[len] = '\0';
    assert_string_equal(found, text);
}

static void the_command_finds_account_number_and_report(void **state)
{
    (void)state;
    int code = -1;
    const struct alert alert = alert_of(
        "echo $COUNTERFOIL_ACCOUNT $COUNTERFOIL_CRITICAL > said; cat $COUNTERFOIL_REPORT > report; "
        "stat -c %a $COUNTERFOIL_REPORT >> said; printf %s $COUNTERFOIL_REPORT > place");
    assert_done(alert_run(&alert, &code, reterr));
    assert_int_equal(code, 0);
    check_file("said", "shop 3\n600\n");
    check_file("report", "{\"schema\":1}");
}

static void the_report_is_gone_afterwards(void **state)
{
    (void)state;
    int code = -1;
    char path[1024] = "";
    const struct alert alert = alert_of("printf %s $COUNTERFOIL_REPORT > place");
    assert_done(alert_run(&alert, &code, reterr));
    FILE *file = fopen("place", "re");
    assert_non_null(file);
    assert_non_null(fgets(path, sizeof path, file));
    (void)fclose(file);
    assert_int_equal(access(path, F_OK), -1);
}

static void its_exit_code_is_told_and_a_signal_too(void **state)
{
    (void)state;
    int code = -1;
    struct alert alert = alert_of("exit 7");
    assert_done(alert_run(&alert, &code, reterr));
    assert_int_equal(code, 7);
    alert = alert_of("kill -9 $$");
    assert_done(alert_run(&alert, &code, reterr));
    assert_int_equal(code, 128 + 9);
    alert = alert_of("/no/such/program");
    assert_done(alert_run(&alert, &code, reterr));
    assert_int_equal(code, 127);
}

static void secrets_of_this_process_are_not_handed_on(void **state)
{
    (void)state;
    int code = -1;
    assert_int_equal(setenv("TEST_ALERT_SECRET", "whsec_x", 1), 0);
    const struct alert alert = alert_of("test -z \"$TEST_ALERT_SECRET\" && test -n \"$PATH\"");
    assert_done(alert_run(&alert, &code, reterr));
    assert_int_equal(code, 0);
}

static void open_files_of_this_process_are_not_handed_on(void **state)
{
    (void)state;
    int code = -1;
    int fd = open("/dev/null", O_RDONLY); /* NOLINT(android-cloexec-open): that is the point */
    assert_true(fd > 2);
    assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
    char command[64];
    (void)snprintf(command, sizeof command, "test ! -e /proc/self/fd/%d", fd);
    const struct alert alert = alert_of(command);
    assert_done(alert_run(&alert, &code, reterr));
    assert_int_equal(code, 0);
    (void)close(fd);
}

static void one_that_takes_too_long_is_killed_with_its_children(void **state)
{
    (void)state;
    int code = -1;
    struct err_info info = {""};
    struct alert alert = alert_of("sleep 1000 & echo $! > started; wait; touch late");
    alert.timeout_us = 300000;
    assert_err(alert_run(&alert, &code, &info), ERR_TIMEOUT);
    assert_int_equal(code, -1);
    assert_non_null(strstr(info.text, "too long"));
    assert_int_equal(access("late", F_OK), -1);
    char number[32] = "";
    FILE *file = fopen("started", "re");
    assert_non_null(file);
    assert_non_null(fgets(number, sizeof number, file));
    (void)fclose(file);
    char name[64];
    (void)snprintf(name, sizeof name, "/proc/%ld/cmdline", strtol(number, NULL, 10));
    char line[16] = "";
    file = fopen(name, "re"); /* gone, or a zombie, whose line is empty */
    if (file != NULL) {
        line[fread(line, 1, sizeof line - 1, file)] = '\0';
        (void)fclose(file);
    }
    assert_true(strncmp(line, "sleep", 5) != 0);
}

static void stopping_kills_it(void **state)
{
    (void)state;
    int code = -1;
    struct alert alert = alert_of("sleep 1000");
    alert.stop_fd = eventfd(1, EFD_CLOEXEC);
    assert_true(alert.stop_fd >= 0);
    assert_err(alert_run(&alert, &code, NULL), ERR_CLOSED);
    (void)close(alert.stop_fd);
}

static void without_a_place_for_the_report_nothing_is_run(void **state)
{
    (void)state;
    int code = -1;
    struct err_info info = {""};
    const struct alert alert = alert_of("touch late");
    assert_int_equal(setenv("TMPDIR", "/no/such/folder", 1), 0);
    assert_err(alert_run(&alert, &code, &info), ERR_FILE_IO);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_int_equal(access("late", F_OK), -1);
}

TESTS_MAIN_WITH("alert",
    make_folder,
    remove_folder,
    TEST(the_command_finds_account_number_and_report),
    TEST(the_report_is_gone_afterwards),
    TEST(its_exit_code_is_told_and_a_signal_too),
    TEST(secrets_of_this_process_are_not_handed_on),
    TEST(open_files_of_this_process_are_not_handed_on),
    TEST(one_that_takes_too_long_is_killed_with_its_children),
    TEST(stopping_kills_it),
    TEST(without_a_place_for_the_report_nothing_is_run))
