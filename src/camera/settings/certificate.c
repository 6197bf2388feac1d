/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "camera/settings/certificate.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define DAY        86400
#define YEAR_2020  1577836800 /* before it, the clock was never set */
#define NAMES_MOST 1024

static EVP_PKEY *read_key(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

	if (file)
		fclose(file);
	return key;
}

static X509 *read_certificate(const char *path)
{
	FILE *file = fopen(path, "re");
	X509 *x509 = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;

	if (file)
		fclose(file);
	return x509;
}

static bool is_own_making(X509 *x509)
{
	return X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
}

static void describe(X509 *x509, struct certificate *certificate)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	struct tm tm;

	X509_digest(x509, EVP_sha256(), digest, &size);
	for (unsigned i = 0; i < size && i < 32; i++)
		snprintf(certificate->fingerprint + 3 * i, 4, "%02X%s", digest[i],
			 i + 1 < size ? ":" : "");
	if (ASN1_TIME_to_tm(X509_get0_notAfter(x509), &tm) == 1)
		certificate->ends = timegm(&tm);
}

/* True where what lies there will do. */
static bool take_old(struct certificate *certificate, time_t now)
{
	X509 *x509 = read_certificate(certificate->path);
	EVP_PKEY *key = read_key(certificate->key_path);
	bool good = x509 && key && X509_check_private_key(x509, key) == 1;

	if (good) {
		describe(x509, certificate);
		good = !is_own_making(x509) ||
		       certificate->ends - now > (time_t)CERTIFICATE_RENEW_DAYS * DAY;
	}
	X509_free(x509);
	EVP_PKEY_free(key);
	return good;
}

/* "DNS:hof,DNS:hof.local,IP:192.0.2.7": OpenSSL's syntax, so only plain names go in. */
static void list_names(const char *name, char *list, size_t size)
{
	char host[64] = "";
	struct ifaddrs *all = NULL;
	size_t used;

	gethostname(host, sizeof(host) - 1);
	snprintf(list, size, "DNS:localhost");
	for (unsigned i = 0; i < 2; i++) {
		const char *one = i ? name : host;

		used = strlen(list);
		if (*one && one[strspn(one, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					    "0123456789-")] == '\0')
			snprintf(list + used, size - used, ",DNS:%s,DNS:%s.local", one, one);
	}
	if (getifaddrs(&all) != 0)
		return;
	for (struct ifaddrs *at = all; at; at = at->ifa_next) {
		int family = at->ifa_addr ? at->ifa_addr->sa_family : AF_UNSPEC;
		char address[INET6_ADDRSTRLEN];

		if (family != AF_INET && family != AF_INET6)
			continue;
		inet_ntop(family,
			  family == AF_INET
				  ? (void *)&((struct sockaddr_in *)at->ifa_addr)->sin_addr
				  : (void *)&((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr,
			  address, sizeof(address));
		used = strlen(list);
		if (used + strlen(address) + 5 < size)
			snprintf(list + used, size - used, ",IP:%s", address);
	}
	freeifaddrs(all);
}

static bool add_extension(X509 *x509, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	bool added;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	added = extension && X509_add_ext(x509, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return added;
}

static bool fill(X509 *x509, EVP_PKEY *key, const char *name, time_t now)
{
	X509_NAME *subject = X509_get_subject_name(x509);
	time_t start = now < YEAR_2020 ? now : now - DAY,
	       end = now + (time_t)CERTIFICATE_DAYS * DAY;
	char names[NAMES_MOST];
	uint64_t serial;

	list_names(name, names, sizeof(names));
	if (RAND_bytes((uint8_t *)&serial, sizeof(serial)) != 1)
		return false;
	return X509_set_version(x509, X509_VERSION_3) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1) == 1 &&
	       ASN1_TIME_set(X509_getm_notBefore(x509), start) &&
	       ASN1_TIME_set(X509_getm_notAfter(x509), end) &&
	       X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8_t *)name, -1,
					  -1, 0) == 1 &&
	       X509_set_issuer_name(x509, subject) == 1 && X509_set_pubkey(x509, key) == 1 &&
	       add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x509, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(x509, NID_ext_key_usage, "serverAuth") &&
	       add_extension(x509, NID_subject_alt_name, names) &&
	       X509_sign(x509, key, EVP_sha256()) > 0;
}

static int save(BIO *pem, const char *path, struct rc_error *err)
{
	char *data;
	long size = BIO_get_mem_data(pem, &data);

	return rc_file_replace(path, data, (size_t)size, 0600, err);
}

/* The key first: a certificate whose key is another is made anew at the next start. */
static int write_both(X509 *x509, EVP_PKEY *key, const struct certificate *certificate,
		      struct rc_error *err)
{
	BIO *key_pem = BIO_new(BIO_s_mem()), *pem = BIO_new(BIO_s_mem());
	int result = 0;

	if (!key_pem || !pem ||
	    PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) != 1 ||
	    PEM_write_bio_X509(pem, x509) != 1)
		result = rc_fail_memory(err, 4096);
	if (!result)
		result = save(key_pem, certificate->key_path, err);
	if (!result)
		result = save(pem, certificate->path, err);
	BIO_free(key_pem);
	BIO_free(pem);
	return result;
}

static int make(const char *name, time_t now, struct certificate *certificate, struct rc_error *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	int result;

	if (!key || !x509 || !fill(x509, key, name, now))
		result = rc_fail(err, RC_EIO,
				 "cannot make a certificate for \"%s\": OpenSSL refuses; is its "
				 "configuration (openssl.cnf) whole?",
				 name);
	else
		result = write_both(x509, key, certificate, err);
	if (!result)
		describe(x509, certificate);
	X509_free(x509);
	EVP_PKEY_free(key);
	return result;
}

int certificate_ensure(const char *directory, const char *name, time_t now,
		       struct certificate *certificate, bool *made, struct rc_error *err)
{
	*certificate = (struct certificate){ 0 };
	*made = false;
	if (strlen(directory) + sizeof(CERTIFICATE_KEY_FILE) + 1 > sizeof(certificate->path))
		return rc_fail(err, RC_EUSAGE, "the path %s is too long", directory);
	snprintf(certificate->path, sizeof(certificate->path), "%s/%s", directory,
		 CERTIFICATE_FILE);
	snprintf(certificate->key_path, sizeof(certificate->key_path), "%s/%s", directory,
		 CERTIFICATE_KEY_FILE);
	if (take_old(certificate, now))
		return 0;
	*made = true;
	return make(name, now, certificate, err);
}
