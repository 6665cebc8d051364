"""Tencent Cloud's SMS, API version 2021-01-11, as its public documentation has it.

- `POST <url>` with JSON; the call is named in `X-TC-Action`; `Authorization: TC3-HMAC-SHA256 …` signs method, host,
  content type and body with a key derived from the secret, the day and the service (`sms`).
- `SendSms`: `PhoneNumberSet SmsSdkAppId SignName TemplateId TemplateParamSet SessionContext`; per number a `Code` (`Ok`
  or why not) and a `SerialNo`. A repeated `SessionContext` is sent again: it is a note, not a key.
- `PullSmsSendStatusByPhoneNumber`: reports of a number since a time, by `SerialNo`.
- An answer is HTTP 200 with `{"Response": {…, "RequestId"}}`; a call that fails as a whole has
  `Error: {Code, Message}` in it.
"""
