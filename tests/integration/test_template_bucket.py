"""What the template promises of the bucket, its queues and the indexer behind them."""

from __future__ import annotations

from core.bucket import IMAGES, SEARCH_UPLOADS
from core.feeds import FEEDS
from tests.stack import PSEUDO, stack


def test_the_bucket_is_private_and_encrypted() -> None:
    bucket = stack().properties("PhotoBucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    [policy] = stack().of("AWS::S3::BucketPolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}
    assert statement["Resource"] == ["<PhotoBucket.Arn>", "<PhotoBucket.Arn>/*"]


def test_what_was_searched_with_and_what_was_broken_off_goes_after_a_day() -> None:
    rules = {
        rule["Id"]: rule
        for rule in stack().properties("PhotoBucket")["LifecycleConfiguration"]["Rules"]
    }
    searched = rules["photos-searched-with"]
    assert (searched["Prefix"], searched["ExpirationInDays"]) == (SEARCH_UPLOADS, 1)
    broken_off = rules["uploads-broken-off"]["AbortIncompleteMultipartUpload"]
    assert broken_off == {"DaysAfterInitiation": 1}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}


def test_versions_and_backups_are_by_parameter() -> None:
    assert "VersioningConfiguration" not in stack().properties("PhotoBucket")
    versioned = stack(VersionPhotos="true").properties("PhotoBucket")
    assert versioned["VersioningConfiguration"] == {"Status": "Enabled"}
    for asked in ("true", "false"):
        table = stack(BackUpCache=asked).properties("CacheTable")
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": asked}


def test_the_bucket_tells_the_queue_of_all_that_happens_to_photos_and_of_new_feeds() -> None:
    told = stack().properties("PhotoBucket")["NotificationConfiguration"]["QueueConfigurations"]
    assert {one["Queue"] for one in told} == {"<PhotoQueue.Arn>"}
    rules = [(one["Event"], one["Filter"]["S3Key"]["Rules"]) for one in told]
    assert rules == [
        (event, [{"Name": "prefix", "Value": prefix}])
        for event, prefix in (
            ("s3:ObjectCreated:*", IMAGES),
            ("s3:ObjectRemoved:*", IMAGES),
            ("s3:ObjectRestore:Completed", IMAGES),
            ("s3:ObjectCreated:*", FEEDS),
        )
    ]


def test_the_queue_hears_our_bucket_alone_and_before_there_is_one() -> None:
    [policy] = stack().of("AWS::SQS::QueuePolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    bucket = stack().properties("PhotoBucket")["BucketName"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", "<PhotoQueue.Arn>")
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"},
        "StringEquals": {"aws:SourceAccount": PSEUDO["AWS::AccountId"]},
    }
    assert stack().resources["PhotoBucket"]["DependsOn"] == "PhotoQueuePolicy"


def test_a_message_stays_out_of_sight_six_times_as_long_as_the_indexer_may_take() -> None:
    template = stack().template
    for timeout in template["Parameters"]["IndexerTimeout"]["AllowedValues"]:
        assert template["Mappings"]["VisibilityOf"][timeout]["Seconds"] >= 6 * int(timeout)
    assert stack(IndexerTimeout="300").properties("PhotoQueue")["VisibilityTimeout"] == 1800
    assert stack(IndexerTimeout="300").properties("IndexFunction")["Timeout"] == "300"


def test_what_fails_comes_again_and_then_lies_among_the_dead_letters() -> None:
    queue, dead = stack().properties("PhotoQueue"), stack().properties("DeadLetters")
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": "<DeadLetters.Arn>",
        "maxReceiveCount": 5,
    }
    assert dead["MessageRetentionPeriod"] == 14 * 86_400 > queue["MessageRetentionPeriod"]
    assert queue["SqsManagedSseEnabled"] is dead["SqsManagedSseEnabled"] is True


def test_the_indexer_reports_which_messages_failed() -> None:
    [source] = stack(IndexerMaxConcurrency="3").of("AWS::Lambda::EventSourceMapping").values()
    assert source["EventSourceArn"] == "<PhotoQueue.Arn>"
    assert source["FunctionName"] == "<IndexFunction>"
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"] == {"MaximumConcurrency": "3"}
    assert source["MaximumBatchingWindowInSeconds"] == 1
