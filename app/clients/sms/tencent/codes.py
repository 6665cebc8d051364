"""What the gateway says no with. Any other code of a send says nothing about what happened."""

from collections.abc import Mapping
from types import MappingProxyType

from app.clients.vendor import AuthProblem, DuplicateOrder, Refused, Unavailable, VendorError

KINDS: Mapping[str, type[VendorError]] = MappingProxyType(
    {
        "LimitExceeded.PhoneNumberThirtySecondLimit": Unavailable,
        "LimitExceeded.PhoneNumberOneHourLimit": Unavailable,
        "RequestLimitExceeded": Unavailable,
        "LimitExceeded.DeliveryFrequencyLimit": Unavailable,
        "FailedOperation.InsufficientBalanceInSmsPackage": Unavailable,
        "AuthFailure.SignatureFailure": AuthProblem,
        "AuthFailure.SignatureExpire": AuthProblem,
        "AuthFailure.SecretIdNotFound": AuthProblem,
        "LimitExceeded.PhoneNumberDailyLimit": Refused,
        "LimitExceeded.PhoneNumberSameContentDailyLimit": Refused,
        "FailedOperation.TemplateIncorrectOrUnapproved": Refused,
        "FailedOperation.SignatureIncorrectOrUnapproved": Refused,
        "FailedOperation.PhoneNumberInBlacklist": Refused,
        "FailedOperation.ContainSensitiveWord": Refused,
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Refused,
        "InvalidParameterValue.IncorrectPhoneNumber": Refused,
        "UnsupportedOperation.UnsupportedRegion": Refused,
        "FailedOperation.RepeatedSessionContext": DuplicateOrder,
    }
)
