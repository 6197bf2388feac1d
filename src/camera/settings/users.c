/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/settings/users.h"

#include <errno.h>
#include <nettle/md5.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/text.h"

#define FILE_LIMIT RC_KIB(64)
#define HASHES     "users"
#define VERIFIERS  "rtsp-users"

/* Argon2id with 8 MiB: a quarter of what a camera with 64 MB has left is as much as one
 * log-in may take. Three passes cost 0.5 s there [estimated], 20 ms on a PC. */
#define HASH_PASSES 3u
#define HASH_MEMORY RC_MIB(8)

static const char *const role_names[] = {
	[USER_NOBODY] = "nobody",
	[USER_SEES] = "see",
	[USER_CONTROLS] = "control",
	[USER_ADMINISTERS] = "administer",
};

const char *user_role_name(enum user_role role)
{
	return role_names[role];
}

enum user_role user_role_find(const char *name)
{
	for (unsigned role = USER_SEES; role <= USER_ADMINISTERS; role++)
		if (strcmp(role_names[role], name) == 0)
			return (enum user_role)role;
	return USER_NOBODY;
}

static bool is_name(const char *name)
{
	size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-");

	return size > 0 && size < USER_NAME && name[size] == '\0';
}

static struct user *find(struct users *users, const char *name)
{
	for (size_t i = 0; i < users->count; i++)
		if (strcmp(users->all[i].name, name) == 0)
			return &users->all[i];
	return NULL;
}

const struct user *users_find(const struct users *users, const char *name)
{
	return find((struct users *)users, name);
}

/* --- The two files: a line for each user, fields with ':' between. --- */

static int read_private(const char *directory, const char *name, struct rc_buffer *text,
			struct rc_error *err)
{
	char *path = rc_path_join(directory, name);
	struct stat st;
	int result = 0;

	*text = (struct rc_buffer){ 0 };
	if (!path)
		return rc_fail_memory(err, strlen(directory));
	if (stat(path, &st) != 0)
		result = errno == ENOENT
				 ? 0
				 : rc_fail_errno(err, RC_EIO, errno, "cannot read %s", path);
	else if (st.st_mode & 077)
		result = rc_fail(err, RC_EREFUSED,
				 "%s can be read by others (mode %03o), and holds what logs in: "
				 "chmod 600 %s, and set new passwords if others use this machine",
				 path, st.st_mode & 0777, path);
	else
		result = rc_file_read(path, FILE_LIMIT, text, err);
	free(path);
	return result;
}

/* Cuts the line at *text into count fields; false where it has not so many. */
static bool take_fields(char **text, char **fields, size_t count)
{
	char *line = strsep(text, "\n");

	for (size_t i = 0; i < count; i++) {
		fields[i] = strsep(&line, ":");
		if (!fields[i])
			return false;
	}
	return line == NULL;
}

static bool add_hash(struct users *users, char **fields)
{
	struct user *user = &users->all[users->count];

	if (users->count == USERS_MAX || !is_name(fields[0]) || find(users, fields[0]) ||
	    !user_role_find(fields[1]) || strlen(fields[2]) >= sizeof(user->hash))
		return false;
	*user = (struct user){ .role = user_role_find(fields[1]) };
	snprintf(user->name, sizeof(user->name), "%s", fields[0]);
	snprintf(user->hash, sizeof(user->hash), "%s", fields[2]);
	users->count++;
	return true;
}

static bool is_hex(const char *text, size_t size)
{
	return strlen(text) == size && strspn(text, "0123456789abcdef") == size;
}

static bool add_verifier(struct users *users, char **fields)
{
	struct user *user = find(users, fields[0]);

	if (!user || !is_hex(fields[1], 32) || !is_hex(fields[2], 64))
		return false;
	snprintf(user->ha1[DIGEST_MD5], sizeof(user->ha1[0]), "%s", fields[1]);
	snprintf(user->ha1[DIGEST_SHA256], sizeof(user->ha1[0]), "%s", fields[2]);
	return true;
}

static int read_lines(struct users *users, const char *name, bool (*add)(struct users *, char **),
		      struct rc_error *err)
{
	struct rc_buffer bytes;
	char *text, *left, *fields[3];
	int result = read_private(users->directory, name, &bytes, err);

	if (result || !bytes.data)
		return result;
	text = strndup((const char *)bytes.data, bytes.size);
	rc_buffer_free(&bytes);
	if (!text)
		return rc_fail_memory(err, bytes.size);
	left = text;
	for (unsigned line = 1; !result && left && *left; line++)
		if (!take_fields(&left, fields, RC_COUNT(fields)) || !add(users, fields))
			result = rc_fail(err, RC_EFORMAT,
					 "%s/%s:%u: the line is damaged; delete %s/users and "
					 "%s/rtsp-users and set the passwords anew with \"recamd "
					 "passwd\"",
					 users->directory, name, line, users->directory,
					 users->directory);
	sodium_memzero(text, strlen(text));
	free(text);
	return result;
}

int users_load(const char *directory, struct users *users, struct rc_error *err)
{
	int result;

	*users = (struct users){ 0 };
	if (strlen(directory) >= sizeof(users->directory))
		return rc_fail(err, RC_EUSAGE, "the path %s is too long: at most %zu characters",
			       directory, sizeof(users->directory) - 1);
	snprintf(users->directory, sizeof(users->directory), "%s", directory);
	randombytes_buf(users->key, sizeof(users->key));
	result = read_lines(users, HASHES, add_hash, err);
	if (!result)
		result = read_lines(users, VERIFIERS, add_verifier, err);
	if (result)
		users->count = 0;
	return result;
}

static int write_private(const struct users *users, const char *name, const struct rc_text *text,
			 struct rc_error *err)
{
	char *path = rc_path_join(users->directory, name);
	int result;

	if (!path || text->failed)
		result = rc_fail_memory(err, text->size);
	else
		result = rc_file_replace(path, rc_text_get(text), text->size, 0600, err);
	free(path);
	return result;
}

/* The verifiers first: without its line in "users" a name is nobody's. */
static int save(const struct users *users, struct rc_error *err)
{
	struct rc_text hashes = { 0 }, verifiers = { 0 };
	int result;

	for (size_t i = 0; i < users->count; i++) {
		const struct user *user = &users->all[i];

		rc_text_add(&hashes, "%s:%s:%s\n", user->name, user_role_name(user->role),
			    user->hash);
		rc_text_add(&verifiers, "%s:%s:%s\n", user->name, user->ha1[DIGEST_MD5],
			    user->ha1[DIGEST_SHA256]);
	}
	result = write_private(users, VERIFIERS, &verifiers, err);
	if (!result)
		result = write_private(users, HASHES, &hashes, err);
	rc_text_free(&hashes);
	rc_text_free(&verifiers);
	return result;
}

/* --- Passwords --- */

static void make_ha1(struct user *user, const char *password)
{
	struct md5_ctx md5;
	struct sha256_ctx sha256;
	uint8_t digest[SHA256_DIGEST_SIZE];
	char text[USER_NAME + sizeof(USER_REALM) + USER_PASSWORD_MAX + 2];
	size_t size = (size_t)snprintf(text, sizeof(text), "%s:%s:%s", user->name, USER_REALM,
				       password);

	md5_init(&md5);
	md5_update(&md5, size, (const uint8_t *)text);
	md5_digest(&md5, MD5_DIGEST_SIZE, digest);
	sodium_bin2hex(user->ha1[DIGEST_MD5], 65, digest, MD5_DIGEST_SIZE);
	sha256_init(&sha256);
	sha256_update(&sha256, size, (const uint8_t *)text);
	sha256_digest(&sha256, SHA256_DIGEST_SIZE, digest);
	sodium_bin2hex(user->ha1[DIGEST_SHA256], 65, digest, SHA256_DIGEST_SIZE);
	sodium_memzero(text, sizeof(text));
}

static int check_password(const char *password, struct rc_error *err)
{
	size_t size = strlen(password);

	if (size < USER_PASSWORD_MIN || size > USER_PASSWORD_MAX)
		return rc_fail(err, RC_EUSAGE,
			       "the password has %zu characters: %u to %u are asked for", size,
			       USER_PASSWORD_MIN, USER_PASSWORD_MAX);
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)password[i] < 0x20 || password[i] == 0x7f)
			return rc_fail(err, RC_EUSAGE,
				       "the password holds a control character at place %zu: a "
				       "browser could not send it",
				       i + 1);
	return 0;
}

int users_set(struct users *users, const char *name, enum user_role role, const char *password,
	      struct rc_error *err)
{
	struct users before = *users;
	struct user *user = find(users, name);
	struct user fresh = { .role = role };
	int result = check_password(password, err);

	if (!result && !is_name(name))
		result = rc_fail(err, RC_EUSAGE,
				 "\"%s\" is no user name: 1 to %d letters, digits, '.', '_' or '-'",
				 name, USER_NAME - 1);
	if (!result && !user && users->count == USERS_MAX)
		result = rc_fail(err, RC_ERANGE, "there are %u users, and no more can be had",
				 USERS_MAX);
	if (result)
		return result;
	snprintf(fresh.name, sizeof(fresh.name), "%s", name);
	if (crypto_pwhash_str(fresh.hash, password, strlen(password), HASH_PASSES, HASH_MEMORY))
		return rc_fail_memory(err, HASH_MEMORY);
	make_ha1(&fresh, password);
	if (!user)
		user = &users->all[users->count++];
	*user = fresh;
	memset(users->known, 0, sizeof(users->known));
	result = save(users, err);
	if (result)
		*users = before;
	return result;
}

int users_remove(struct users *users, const char *name, struct rc_error *err)
{
	struct users before = *users;
	struct user *user = find(users, name);
	size_t admins = 0;
	int result;

	if (!user)
		return rc_fail(err, RC_ENOTFOUND, "there is no user \"%s\"", name);
	for (size_t i = 0; i < users->count; i++)
		admins += users->all[i].role == USER_ADMINISTERS;
	if (user->role == USER_ADMINISTERS && admins == 1)
		return rc_fail(err, RC_EREFUSED,
			       "\"%s\" is the last who may administer: give that to another first",
			       name);
	*user = users->all[--users->count];
	memset(users->known, 0, sizeof(users->known));
	result = save(users, err);
	if (result)
		*users = before;
	return result;
}

static void digest_of(const struct users *users, const char *name, const char *password,
		      uint8_t digest[32])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, users->key, sizeof(users->key), 32);
	crypto_generichash_update(&state, (const uint8_t *)name, strlen(name) + 1);
	crypto_generichash_update(&state, (const uint8_t *)password, strlen(password));
	crypto_generichash_final(&state, digest, 32);
}

enum user_role users_check(struct users *users, const char *name, const char *password)
{
	const struct user *user = find(users, name);
	/* For a name that is nobody's another's hash is computed: that takes as long. */
	const struct user *asked = user ? user : users->all;
	uint8_t digest[32];
	bool right;

	if (users->count == 0 || strlen(password) > USER_PASSWORD_MAX)
		return USER_NOBODY;
	digest_of(users, name, password, digest);
	for (size_t i = 0; i < RC_COUNT(users->known); i++)
		if (users->known[i].role &&
		    sodium_memcmp(users->known[i].digest, digest, sizeof(digest)) == 0)
			return users->known[i].role;
	right = crypto_pwhash_str_verify(asked->hash, password, strlen(password)) == 0;
	if (!right || !user)
		return USER_NOBODY;
	memcpy(users->known[users->next_known].digest, digest, sizeof(digest));
	users->known[users->next_known].role = user->role;
	users->next_known = (users->next_known + 1) % RC_COUNT(users->known);
	return user->role;
}

/* Four groups, three of four letters that can be spoken (consonant, vowel) and one of four
 * digits: 3 * 2 * log2(16 * 5) + 4 * log2(10) = 51 bits. */
void users_make_up(char password[USER_MADE_UP])
{
	static const char consonants[] = "bdfghjklmnprstvz", vowels[] = "aeiou";
	char *p = password;

	for (unsigned group = 0; group < 4; group++) {
		for (unsigned i = 0; i < 4; i++) {
			if (group == 2)
				*p++ = (char)('0' + randombytes_uniform(10));
			else if (i % 2)
				*p++ = vowels[randombytes_uniform(5)];
			else
				*p++ = consonants[randombytes_uniform(16)];
		}
		*p++ = '-';
	}
	p[-1] = '\0';
}
