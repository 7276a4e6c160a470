// Signed links to artifacts: /media/{expiry}.{signature}/{media_id}/{file…}
// signature = base64url(HMAC-SHA256(key, "v1\n" + expiry + "\n" + media_id)) without padding; expiry in epoch seconds.
// It stands in a folder, so that the relative addresses inside a playlist inherit it; it is good for one media id.
//
// The bucket is private: behind the check the gateway signs its own request (AWS Signature 4) as an identity that may
// do nothing but read this bucket. Whatever throws here leaves its variable empty, and empty means refused.
import crypto from 'crypto';
import fs from 'fs';

const LINK = /^\/media\/(\d{10})\.([A-Za-z0-9_-]{43})\/([0-9a-f-]{36}(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*){1,5})$/;
const BUCKET = 'media';
const REGION = 'us-east-1';
const SIGNED = 'host;x-amz-content-sha256;x-amz-date';

function secret(name) {
    const value = fs.readFileSync(process.env[name], 'utf8').trim();
    if (!value) throw new Error(name + ' names an empty file');
    return value;
}

function hmac(key, text) {
    return crypto.createHmac('sha256', key).update(text);
}

// how long it takes says nothing about where the two differ
function same(wanted, given) {
    let difference = wanted.length ^ given.length;
    for (let i = 0; i < wanted.length; i++) difference |= wanted.charCodeAt(i) ^ given.charCodeAt(i % given.length);
    return difference === 0;
}

// as it came in: whatever is escaped, doubled or has a dot segment does not match
function parts(r) {
    return LINK.exec(r.variables.request_uri.split('?')[0]);
}

// js_set: 'ok', or the status to answer with
function verdict(r) {
    const link = parts(r);
    if (!link) return '404';
    const wanted = hmac(secret('METON_MEDIA_SIGNING_KEY_FILE'), 'v1\n' + link[1] + '\n' + link[3].slice(0, 36));
    if (!same(wanted.digest('base64url'), link[2])) return '403';
    return Number(link[1]) > Date.now() / 1000 ? 'ok' : '410';
}

// js_set: the object's key inside the bucket; of characters that no signature needs to escape
function key(r) {
    const link = parts(r);
    return link ? link[3] : '';
}

// js_set: now, as in 20261122T180000Z
function date() {
    return new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
}

// js_set: the Authorization of the gateway's own GET
function authorization(r) {
    const now = r.variables.store_date, day = now.slice(0, 8), scope = day + '/' + REGION + '/s3/aws4_request';
    const request = ['GET', '/' + BUCKET + '/' + key(r), '', 'host:' + process.env.METON_S3_HOST,
        'x-amz-content-sha256:UNSIGNED-PAYLOAD', 'x-amz-date:' + now, '', SIGNED, 'UNSIGNED-PAYLOAD'].join('\n');
    const digest = crypto.createHash('sha256').update(request).digest('hex');
    const signing = [day, REGION, 's3', 'aws4_request'].reduce(
        (k, text) => hmac(k, text).digest(), 'AWS4' + secret('METON_S3_SECRET_KEY_FILE'));
    const signature = hmac(signing, ['AWS4-HMAC-SHA256', now, scope, digest].join('\n')).digest('hex');
    return 'AWS4-HMAC-SHA256 Credential=' + process.env.METON_S3_ACCESS_KEY + '/' + scope +
        ',SignedHeaders=' + SIGNED + ',Signature=' + signature;
}

export default { verdict, key, date, authorization };
